import { fileURLToPath } from 'node:url';

/** Roles that come with the program: searched after the user's own. */
export const bundledRoles = fileURLToPath(new URL('../../roles', import.meta.url));

/** Where roles are searched after the folders beside the playbook. */
export const roleFolders: readonly string[] = ['roles', bundledRoles];
