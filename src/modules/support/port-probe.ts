import { sh, type ShellText } from '../../shell/text.js';

/**
 * Prints `open` or `closed` for a TCP port as the host reaches it, or `drained`/`busy` for whether connections to it are
 * up. By nc where there is one that knows `-z`, by bash's /dev/tcp, else by the kernel's table of listening sockets,
 * which only knows the host's own ports. Writes nothing.
 */
export function probeScript(options: {
  readonly host: string;
  readonly port: number;
  readonly seconds: number;
  readonly drained: boolean;
}): ShellText {
  const { host, port, seconds } = options;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  if (options.drained) {
    return sh`busy=drained
for table in /proc/net/tcp /proc/net/tcp6; do
  [ -r "$table" ] || continue
  while read -r _ here _ state _; do
    case $here in *:${hex}) [ "$state" = 01 ] && busy=busy ;; esac
  done < "$table"
done
echo "$busy"`;
  }
  return sh`host=${host} port=${port} wait=${Math.max(1, Math.ceil(seconds))}
listens() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r _ here _ state _; do
      case $here in *:${hex}) [ "$state" = 0A ] && return 0 ;; esac
    done < "$table"
  done
  return 1
}
case $host in 127.* | localhost | ::1 | 0.0.0.0) listens || { echo closed; exit 0; } ;; esac
if command -v timeout >/dev/null 2>&1; then limit="timeout $wait"; else limit=; fi
if command -v bash >/dev/null 2>&1; then
  $limit bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null && answer=open || answer=closed
elif command -v nc >/dev/null 2>&1; then
  $limit nc -w "$wait" "$host" "$port" </dev/null >/dev/null 2>&1 && answer=open || answer=closed
else
  case $host in
    127.* | localhost | ::1 | 0.0.0.0) answer=open ;;
    *) echo "neither bash nor nc is on the host, so port $port of $host cannot be tried" >&2; exit 1 ;;
  esac
fi
echo "$answer"`;
}
