import { randomBytes } from 'node:crypto';
import { quote } from '../shell/quote.js';

/**
 * The shell texts which everything else is started with.
 *
 * A command line that goes to sshd is read by the user's login shell, which may be fish, tcsh or worse. So it is
 * always the same plain `/bin/sh -c '…'` without a newline, a backslash, a single quote or an exclamation mark in it.
 * That `sh` prints a random token on stdout and stderr (what came before is noise of profiles), then reads one line:
 * the program itself. Nothing of the program is in the process list, and it may be of any length. A `sh` reads a line
 * byte by byte, which is why what every user's command needs stands in the command line and not in that line.
 */

const tokenBytes = 16;
/** Random bytes are cheaper by the page. */
let unused = Buffer.alloc(0);

/** A token nobody on the far side can guess: 128 random bits in hexadecimal. */
export function randomToken(): string {
  if (unused.length < tokenBytes) unused = randomBytes(256 * tokenBytes);
  const token = unused.toString('hex', 0, tokenBytes);
  unused = unused.subarray(tokenBytes);
  return token;
}

/** The command line that prints the token and then runs the program of the first line of its stdin. */
export function bootCommand(token: string): string {
  return `exec /bin/sh -c '${bootScript(token)}'`;
}

/** The same for a user's command without a stdin: with its watchdog, so that its line need not hold it. */
export function watchedBootCommand(token: string): string {
  return `exec /bin/sh -c '${announce(token)}; IFS= read -r c || exit; ${underWatch}; eval "$c"'`;
}

/** The same as a bare script, for `sudo … /bin/sh -c`; its first argument is the LC_ALL to restore. */
export function becomeBootScript(token: string): string {
  return `if [ -n "\${1-}" ]; then LC_ALL=$1; else unset LC_ALL; fi; unset w; ${bootScript(token)}`;
}

function announce(token: string): string {
  return `printf %s ${token}; printf %s ${token} >&2`;
}

function bootScript(token: string): string {
  return `${announce(token)}; IFS= read -r c && eval "$c"`;
}

const plainLine = /^[\x20-\x7e]*$/;

/** One program as the line that a boot command reads: itself when it is one of printable ASCII, else made by printf. */
export function programLine(program: string): Buffer {
  if (plainLine.test(program)) return Buffer.from(`${program}\n`);
  const format = printfFormat(Buffer.from(program, 'utf8')).toString('latin1');
  return Buffer.from(`eval "$(printf ${quote(format)})"\n`, 'latin1');
}

const backslash = 0x5c;
const percent = 0x25;
const hyphen = 0x2d;

/**
 * Bytes as a printf format that prints exactly them and itself is one line of printable ASCII. Octal escapes have
 * always three digits, so that a digit after one stays a digit; a hyphen is escaped since it could start an option.
 */
export function printfFormat(bytes: Buffer): Buffer {
  const format = Buffer.allocUnsafe(bytes.length * 4);
  let length = 0;
  for (const byte of bytes) {
    if (byte >= 0x20 && byte < 0x7f && byte !== backslash && byte !== percent && byte !== hyphen) {
      format[length++] = byte;
    } else {
      format[length++] = backslash;
      format[length++] = 0x30 + (byte >> 6);
      format[length++] = 0x30 + ((byte >> 3) & 7);
      format[length++] = 0x30 + (byte & 7);
    }
  }
  return format.subarray(0, length);
}

const killGroup = [
  'g=$$; { read -r a a a a g a </proc/$$/stat; } || g=$$',
  'kill -s TERM -- "-$g"',
  'n=0; while [ "$n" -lt 20 ] && kill -0 $$; do n=$((n+1)); sleep 0.1 || { sleep 2; break; }; done',
  'sleep 0.2',
  'kill -s KILL -- "-$g"',
].join('; ');

/**
 * A watchdog for the process group of the shell that runs this text, which is what kills a command when its
 * connection is lost, it takes too long or the run is cancelled: without a terminal sshd tells nobody. It reads the
 * channel (descriptor 3); the end of that means: end everything. It is started twice removed, so that it is no job of
 * the user's shell: `wait` and `$!` do not see it. When the watched shell (`$$`) is gone already nothing is killed,
 * so a daemon that the command left behind lives on.
 */
function watchdog(options: { readonly feed: string; readonly graceful: boolean }): string {
  const grace = options.graceful ? '{ sleep 0.3 || sleep 1; }; ' : '';
  return (
    `( { trap "" HUP INT QUIT TERM; ${options.feed}exec >/dev/null; read -r a; ` +
    `${grace}kill -0 $$ || exit 0; ${killGroup}; } <&3 3<&- 2>/dev/null & )`
  );
}

/**
 * A shell that waits for another one outlives TERM, so that the other can clean up (its traps) before the watchdog
 * sees that all is over and sends KILL. A trap, unlike an ignored signal, is not handed on to children.
 */
export const waitForTheRest = 'trap : TERM';

/** What stands before a user's command without a stdin: the channel goes to the watchdog, /dev/null to the command. */
const underWatch = `exec 3<&0 </dev/null; ${watchdog({ feed: '', graceful: false })} >/dev/null; exec 3<&-`;

interface CommandParts {
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
}

/**
 * A user's command for `watchedBootCommand`: in the main shell of its process group itself, so that its exit code,
 * signals and `$$` are its own.
 */
export function commandBody(options: CommandParts): string {
  const parts = Object.entries(options.environment).map(([name, value]) => `${name}=${quote(value)}; export ${name}`);
  if (options.directory !== undefined) parts.push(`cd -- ${quote(options.directory)} || exit 1`);
  parts.push(`eval ${quote(options.script)}`);
  return parts.join('; ');
}

/** The same with everything it needs, for any other boot; its stdin is empty or the next `stdinLength` bytes of the channel. */
export function commandProgram(options: CommandParts & { readonly stdinLength: number }): string {
  const body = commandBody(options);
  if (options.stdinLength === 0) return `${underWatch}; ${body}`;
  const feed = `head -c ${String(options.stdinLength)}; `;
  return `${waitForTheRest}; exec 3<&0 </dev/null; ${watchdog({ feed, graceful: false })} | { exec 3<&-; ${body}\n}`;
}

/**
 * A long-lived shell that reads its commands from the channel, through a relay that notices when the channel ends. The
 * relay is dd: busybox's cat uses sendfile, which on new kernels holds the pipe's lock while it waits for a socket.
 */
export function shellProgram(): string {
  return (
    `${waitForTheRest}\nLC_ALL=C; export LC_ALL; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n` +
    `exec 3<&0 </dev/null\n${watchdog({ feed: 'dd bs=65536; ', graceful: true })} | exec /bin/sh 3<&-`
  );
}

/** A command whose stdin and stdout are the channel's own. */
export function streamProgram(script: string): string {
  return `eval ${quote(script)}`;
}
