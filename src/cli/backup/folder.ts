/** Backups are kept beside the journals of runs, below the working directory. */
export const usualBackupFolder = '.runner/backups';
