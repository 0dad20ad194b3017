import type { FlagRow } from './flag-row.js';

/** The logging flags of every Mesos program. */
export const mesosLoggingFlags: readonly FlagRow[] = [
  ['external_log_file', 'opt<string>', '0.22.0', '', ''],
  ['initialize_driver_logging', 'bool', '', '', ''],
  ['log_dir', 'opt<string>', '', '', ''],
  ['logbufsecs', 'int', '', '', ''],
  ['logging_level', 'string', '', '', ''],
  ['quiet', 'bool', '', '', ''],
];
