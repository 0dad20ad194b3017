import type { Answer, Asked } from './fake-session.js';
import { Lab, type LabOptions } from './lab.js';
import { settingModule } from './settings-host.js';

export interface SimMember {
  present: boolean;
  up: boolean;
  leads: boolean;
  version: string;
  /** Kept by the step under way. */
  kept: string | undefined;
  id: string;
}

/** The head of a play that rolls a SimCluster. */
export const storePlay = `
- name: Store
  hosts: all
  ensemble:
    kind: generic
    title: Store
    healthy: is-up
    leader: is-leader
    present: is-present
    identity: who
    keep: keep it
    roll_back: bring it back
    forget: forget it
    gate_interval: 1
    gate_deadline: 20`;

/** A play that brings every member to a version. */
export function storeAt(version: string): string {
  return `${storePlay}\n  tasks:\n    - {name: version, setting: {key: version, to: "${version}"}}\n`;
}

/** A play after the rollout, which is told on h1 when the run got there. */
export const thenNext = `
- name: Next
  hosts: [h1]
  tasks:
    - debug: {msg: next}
`;

/** Three members of something with a leader, on pretended hosts; a changed version restarts its member. */
export class SimCluster {
  readonly members = new Map<string, SimMember>();
  /** What was done, in order: "h2 put 2", "h2 keep". */
  readonly log: string[] = [];
  /** How many times each host was asked for its state. */
  readonly looks = new Map<string, number>();
  /** Called after a version was put; by default the member is up again, and leads no longer. */
  onPut: (host: string, member: SimMember) => void = () => undefined;
  onLook: (host: string, member: SimMember) => void = () => undefined;

  constructor(hosts: readonly string[] = ['h1', 'h2', 'h3'], state: Partial<SimMember> = {}) {
    for (const [index, host] of hosts.entries()) {
      const usual = { present: true, up: true, leads: index === 0, version: '1', kept: undefined, id: host };
      this.members.set(host, { ...usual, ...state });
    }
  }

  lab(options: LabOptions = {}): Lab {
    return new Lab({
      groups: { store: [...this.members.keys()] },
      answer: this.answer,
      modules: [settingModule],
      ...options,
    });
  }

  of(host: string): SimMember {
    return this.members.get(host)!;
  }

  /** Lets another member lead. */
  elect(host: string): void {
    for (const [name, member] of this.members) member.leads = name === host;
  }

  readonly answer = ({ host, text }: Asked): Answer => {
    const member = this.members.get(host);
    if (!member) return undefined;
    if (text.includes('probe healthy')) return this.#look(host, member);
    const [verb = '', , value = ''] = text.replaceAll("'", '').split(' ');
    switch (verb) {
      case 'peek':
        return { stdout: member.present ? member.version : 'none' };
      case 'put':
        this.log.push(`${host} put ${value}`);
        if (member.leads) this.#handOver(host);
        Object.assign(member, { version: value, present: true, up: true });
        this.onPut(host, member);
        return undefined;
      case 'keep':
        this.log.push(`${host} keep`);
        member.kept ??= member.version;
        return undefined;
      case 'bring':
        this.log.push(`${host} roll back`);
        Object.assign(member, { version: member.kept ?? member.version, up: true, kept: undefined });
        return undefined;
      case 'stop':
        this.log.push(`${host} stop`);
        member.kept ??= member.version;
        member.up = false;
        return undefined;
      case 'forget':
        this.log.push(`${host} forget`);
        member.kept = undefined;
        return undefined;
      default:
        return undefined;
    }
  };

  #look(host: string, member: SimMember): Answer {
    this.looks.set(host, (this.looks.get(host) ?? 0) + 1);
    this.onLook(host, member);
    const line = (name: string, holds: boolean, said: string): string => `${name}\t${holds ? 0 : 1}\t${said}\n`;
    return {
      stdout: [
        line('healthy', member.up, member.up ? `runs ${member.version}` : 'the connection is refused'),
        line('leader', member.leads, ''),
        line('present', member.present, ''),
        line('identity', member.present, member.id),
      ].join(''),
    };
  }

  #handOver(from: string): void {
    const heir = [...this.members].find(([name, { up }]) => up && name !== from);
    if (heir) this.elect(heir[0]);
  }
}

/** The hosts that were stepped, in order. */
export function stepsOf(lab: Lab): readonly string[] {
  return lab.events.flatMap((event) => (event.kind === 'rollout-step' ? [event.hosts.join('+')] : []));
}

export function refusalsOf(lab: Lab): readonly string[] {
  return lab.events.flatMap((event) => (event.kind === 'rollout-refused' ? [event.message] : []));
}

/** What the run had to tell, in its own words. */
export function messagesOf(lab: Lab): readonly string[] {
  return lab.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
}
