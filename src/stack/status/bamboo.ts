import { sh, type ShellText } from '../../shell/text.js';
import { askBamboo, parseBamboo, type BambooState } from '../bamboo/bamboo-state.js';
import type { Question } from '../probe/ask.js';
import { httpGet, parseHttp } from '../probe/http.js';
import { ill, serviceParts, silent, well, type Heard } from './service-row.js';
import type { BambooDetails, BambooRow, Health, Member } from './types.js';
import { counted } from './words.js';

const haproxyKey = 'haproxy';
const configuration = '/etc/haproxy/haproxy.cfg';

export function askBambooMember({ endpoint, haproxy }: Member): readonly Question[] {
  return [
    askBamboo(endpoint),
    ...(haproxy === undefined ? [] : [httpGet(haproxyKey, { endpoint: haproxy, path: '/' })]),
  ];
}

/** What only a look into the container tells: whether HAProxy likes its configuration, and the names of its backends. */
export function askHaproxy({ container }: Member): ShellText {
  const sections = '^[[:space:]]*(backend|listen|frontend|server)[[:space:]]';
  // Both in one process of the container, which is what costs. No line of the sections can be the one between them and the check.
  const program = 'echo; grep -E "$2" "$1" 2>/dev/null; echo checked; haproxy -c -f "$1" 2>&1; echo "exit $?"';
  return sh`if command -v docker >/dev/null 2>&1; then
  said=$(timeout 10 docker exec ${container} sh -c ${program} check ${configuration} ${sections} 2>/dev/null)
  # Without an answer the container could not be asked, and nothing is known of its backends.
  case $said in
    *'
checked
'*) tell haproxy-check "\${said#*
checked
}"
      tell haproxy-servers "\${said%%
checked
*}" ;;
    *) tell haproxy-check '' ;;
  esac
fi`;
}

export function bambooRow(member: Member, heard: Heard): BambooRow {
  const state = parseBamboo(member.endpoint, heard.answers);
  if (state.kind === 'silent') {
    const health = silent(member, { heard, reason: state.reason });
    return { component: 'bamboo', ...serviceParts(member, { heard, health }) };
  }
  const details = detailsOf(state, heard);
  return { component: 'bamboo', ...serviceParts(member, { heard, health: healthOf(details) }), details };
}

function detailsOf(state: Exclude<BambooState, { kind: 'silent' }>, heard: Heard): BambooDetails {
  const status = parseHttp(heard.answers.get(haproxyKey))?.status;
  const invalid = faultIn(heard.records('haproxy-check')[0]?.[0] ?? '');
  const servers = heard.records('haproxy-servers')[0]?.[0];
  return {
    ...(state.apps === undefined ? {} : { apps: state.apps }),
    rules: state.rules,
    haproxy: {
      ...(status === undefined ? {} : { status }),
      ...(invalid === undefined ? {} : { invalid }),
      ...(servers === undefined ? {} : { backends: backendsIn(servers) }),
    },
  };
}

function healthOf({ apps, rules, haproxy }: BambooDetails): Health {
  if (apps === undefined) return ill('it lists no apps: it cannot reach Marathon');
  if (haproxy.invalid !== undefined) return ill(`HAProxy's configuration is not valid: ${haproxy.invalid}`);
  if (haproxy.status === undefined) return ill('HAProxy does not answer');
  const { backends } = haproxy;
  const routed = backends === undefined ? '' : `, ${counted(Object.keys(backends).length, 'backend')}`;
  return well(`${counted(apps.length, 'app')}, ${counted(Object.keys(rules).length, 'rule')}${routed}`);
}

/** What HAProxy has against its configuration. Without the exit code at the end it was never asked: Docker does not answer. */
function faultIn(said: string): string | undefined {
  const code = /^exit (\d+)$/m.exec(said)?.[1];
  return code === undefined || code === '0' ? undefined : complaintIn(said.replace(/^exit \d+$/m, '').trim());
}

/** "[ALERT] (623) : config : parsing [/etc/haproxy/haproxy.cfg:99] : unknown keyword …" without its head, and without the notices around it. */
function complaintIn(said: string): string {
  const alerts = said.split('\n').filter((line) => line.startsWith('[ALERT]'));
  const [first] = alerts.map((line) => line.replace(/^\[ALERT\][\s\d/()]*:\s*(?:config\s*:\s*)?/, '').trim());
  return first === undefined || first === '' ? said : first;
}

/** Servers by backend, from the lines of a configuration that name sections and servers; sections without any server stay. */
function backendsIn(text: string): Readonly<Record<string, readonly string[]>> {
  const backends = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of text.split('\n')) {
    const [word, name = ''] = line.trim().split(/\s+/);
    if (word === 'server') current?.push(name);
    else if (word === 'backend') backends.set(name, (current = []));
    else current = undefined;
  }
  return Object.fromEntries(backends);
}
