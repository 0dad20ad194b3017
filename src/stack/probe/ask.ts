import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';
import { parseReport, tell } from '../../modules/support/report.js';
import type { LookReply } from '../../modules/types.js';

/** A program of the stack that is asked over TCP, from the host it is asked on: `host:port`. */
export type Endpoint = string;

export interface Question {
  /** What the answer is found by. */
  readonly key: string;
  readonly endpoint: Endpoint;
  /** What is sent, byte for byte. */
  readonly request: string;
}

export type Answer =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'silent'; readonly reason: string };

const timeoutSeconds = 4;

/**
 * Asks all at once in one bash, an answer in a process of its own; what was said when the time ran out counts. It has to
 * be in a process group of its own (its first word is the group it must not be in), because that is what the time limit ends.
 */
const askAtOnce = `read -r _ _ _ _ group _ </proc/$$/stat && [ "$group" != "$1" ] || exit 3
shift
trap : TERM
printf -v line "\\n"
one() { trap "" PIPE; exec 3<>"/dev/tcp/$1/$2" || { printf "\\n1"; exit; }; printf %s "$3" >&3; cat <&3; printf "\\n%s" "$?"; }
keys=()
while [ "$#" -gt 3 ]; do
  eval "exec $((\${#keys[@]} + 100))< <(one \\"\\$2\\" \\"\\$3\\" \\"\\$4\\")"
  keys+=("$1")
  shift 4
done
for at in "\${!keys[@]}"; do
  said=$(</dev/fd/$((at + 100)))
  case $said in
    *"$line"[0-9] | *"$line"[0-9][0-9] | *"$line"[0-9][0-9][0-9]) code=\${said##*"$line"}; said=\${said%"$line"*};;
    *) code=124;;
  esac
  printf "4\\0answer\\0%s\\0%s\\0%s\\0" "\${keys[at]}" "$code" "$said"
done`;

/**
 * `tcp_ask HOST PORT` sends its input and prints what is answered; `tcp_tell [KEY HOST PORT REQUEST]…` tells the answers.
 * Asks without curl, which a bare host has not: bash opens the connections itself, else nc does, one after the other. Both
 * read until the other side closes. An endpoint that let the time run out is not asked again.
 */
export const askFunction = shellSource(`tcp_ask() {
  if command -v bash >/dev/null 2>&1; then
    timeout ${timeoutSeconds} bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1; cat >&3; cat <&3' ask "$1" "$2" 2>/dev/null
  elif command -v nc >/dev/null 2>&1; then
    timeout ${timeoutSeconds} nc -w ${timeoutSeconds} "$1" "$2" 2>/dev/null
  else
    return 3
  fi
}
tcp_tell() {
  [ "$#" -gt 0 ] || return 0
  if command -v bash >/dev/null 2>&1; then
    group=; read -r _ _ _ _ group _ 2>/dev/null </proc/$$/stat
    timeout ${timeoutSeconds} bash -c '${askAtOnce}' ask "$group" "$@" 2>/dev/null
    case $? in 0 | 124) return 0;; esac
  fi
  silent=
  while [ "$#" -gt 3 ]; do
    case $silent in
      *" $2:$3 "*) tell answer "$1" 124 '';;
      *)
        said=$(printf %s "$4" | tcp_ask "$2" "$3"; printf '\\n%s' "$?")
        case $said in '
124') silent="$silent $2:$3 ";; esac
        tell answer "$1" "\${said##*
}" "\${said%
*}";;
    esac
    shift 4
  done
}`);

/** A look that asks all of them. */
export function askAll(questions: readonly Question[]): ShellText {
  const words = questions.flatMap(({ key, endpoint, request }) => {
    const { host, port } = splitEndpoint(endpoint);
    return [key, host, port, request];
  });
  return joinShell([tell, askFunction, sh`tcp_tell ${words}`]);
}

/** The answers by key. */
export function parseAnswers(reply: LookReply): ReadonlyMap<string, Answer> {
  const answers = parseReport(reply).records('answer');
  return new Map(answers.map(([key = '', code = '', text = '']) => [key, toAnswer(code, text)]));
}

function toAnswer(code: string, text: string): Answer {
  // What was said before a timeout counts: some servers keep the connection open.
  if (text.trim() !== '') return { kind: 'answer', text };
  const reasons: Readonly<Record<string, string>> = {
    '0': 'it closes the connection without a word',
    '3': 'the host has neither bash nor nc to ask with',
    '124': `it does not answer within ${timeoutSeconds} s`,
  };
  return { kind: 'silent', reason: reasons[code] ?? 'the connection is refused' };
}

/** Host and port of "198.18.0.11:2181". */
export function splitEndpoint(endpoint: Endpoint): { readonly host: string; readonly port: string } {
  const colon = endpoint.lastIndexOf(':');
  return { host: endpoint.slice(0, colon), port: endpoint.slice(colon + 1) };
}
