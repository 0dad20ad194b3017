import { shellSource, type ShellText } from '../../shell/text.js';

/**
 * Prints what tells one boot of a host from another, whatever starts its services: the id of the kernel's boot, and when
 * its first process began, as a container has the boot id of its machine (proc(5): field 22 of stat).
 */
export const bootMark: ShellText = shellSource(`{
  cat /proc/sys/kernel/random/boot_id
  sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20
} 2>/dev/null | tr '\\n' ' '`);
