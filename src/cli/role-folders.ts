import { packageFile } from './package-files.js';

/** Roles that come with the program: searched after the user's own. */
export const bundledRoles = packageFile('roles');

/** Where roles are searched after the folders beside the playbook. */
export const roleFolders: readonly string[] = ['roles', bundledRoles];
