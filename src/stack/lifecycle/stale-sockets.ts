import { shellSource, type ShellText } from '../../shell/text.js';

/**
 * Prints the names of running containers that hold a socket of the engine which is no more: when systemd's docker.socket is
 * stopped and started its file is made anew, and a container that had it mounted goes on with the old one, which its
 * mountinfo calls deleted. Mesos agents live on it.
 */
export const staleSocketsScript = `for id in $(timeout 10 docker ps -q 2>/dev/null); do
  timeout 10 docker inspect --format '{{.State.Pid}} {{.Name}}' "$id" 2>/dev/null
done | while read -r pid name; do
  ! grep -q '/docker\\.sock//deleted ' "/proc/$pid/mountinfo" 2>/dev/null || printf '%s\\n' "\${name#/}"
done`;

/** The same as a part of a look. */
export const askStaleSockets: ShellText = shellSource(`  tell stale "$(${staleSocketsScript})"`);
