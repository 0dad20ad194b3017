import { json, jsonBody, text, type Reply, type Request } from '../../shared/http-server.js';
import type { Master } from './master.js';
import { emptyRegistry, type Machine, type MaintenanceSchedule } from './registry.js';

function same(left: Machine, right: Machine): boolean {
  return left.hostname === right.hostname && left.ip === right.ip;
}

function scheduled(schedule: MaintenanceSchedule): readonly Machine[] {
  return (schedule.windows ?? []).flatMap((window) => window.machine_ids);
}

/** Stores the one schedule of the cluster, replacing what was there. */
export async function setSchedule(master: Master, schedule: MaintenanceSchedule): Promise<Reply> {
  for (const window of schedule.windows ?? []) {
    if (window.machine_ids.length === 0 || !Number.isFinite(window.unavailability.start.nanoseconds)) {
      return text(400, 'Invalid maintenance schedule: a window needs machine_ids and unavailability.start');
    }
  }
  await master.update((registry) => ({ ...registry, schedule }));
  return text(200);
}

export async function machinesDown(master: Master, machines: readonly Machine[]): Promise<Reply> {
  const known = scheduled((master.registry() ?? emptyRegistry).schedule);
  const unknown = machines.find((machine) => !known.some((other) => same(other, machine)));
  if (unknown) return text(400, `Machine '${JSON.stringify(unknown)}' is not part of a maintenance schedule`);
  await master.update((registry) => ({
    ...registry,
    down: [...registry.down.filter((down) => !machines.some((other) => same(other, down))), ...machines],
  }));
  return text(200);
}

/** Machines that come up leave the schedule too. */
export async function machinesUp(master: Master, machines: readonly Machine[]): Promise<Reply> {
  const up = (machine: Machine): boolean => machines.some((other) => same(other, machine));
  const notDown = machines.find(
    (machine) => !(master.registry() ?? emptyRegistry).down.some((down) => same(down, machine)),
  );
  if (notDown) return text(400, `Machine '${JSON.stringify(notDown)}' is not in DOWN mode`);
  await master.update((registry) => {
    const windows = (registry.schedule.windows ?? [])
      .map((window) => ({ ...window, machine_ids: window.machine_ids.filter((machine) => !up(machine)) }))
      .filter((window) => window.machine_ids.length > 0);
    return {
      ...registry,
      down: registry.down.filter((machine) => !up(machine)),
      schedule: windows.length === 0 ? {} : { windows },
    };
  });
  return text(200);
}

export function maintenanceStatus(master: Master): Readonly<Record<string, unknown>> {
  const { schedule, down } = master.registry() ?? emptyRegistry;
  const draining = scheduled(schedule).filter((machine) => !down.some((other) => same(other, machine)));
  return {
    ...(draining.length === 0 ? {} : { draining_machines: draining.map((id) => ({ id, statuses: [] })) }),
    ...(down.length === 0 ? {} : { down_machines: down }),
  };
}

/** `/maintenance/schedule`, `/maintenance/status`, `/machine/down`, `/machine/up` (0.25 and later); undefined for any other path. */
export async function maintenance(master: Master, path: string, request: Request): Promise<Reply | undefined> {
  const machines = (): readonly Machine[] | undefined => {
    const body = jsonBody(request);
    return Array.isArray(body) ? (body as Machine[]) : undefined;
  };
  switch (path) {
    case '/maintenance/schedule':
      if (request.method === 'GET') return json(200, (master.registry() ?? emptyRegistry).schedule);
      if (request.method !== 'POST') return text(405);
      return jsonBody(request) === undefined
        ? text(400, 'Failed to parse the schedule')
        : setSchedule(master, jsonBody(request) as MaintenanceSchedule);
    case '/maintenance/status':
      return json(200, maintenanceStatus(master));
    case '/machine/down':
    case '/machine/up': {
      const list = machines();
      if (request.method !== 'POST') return text(405);
      if (list === undefined) return text(400, 'Expecting a JSON array of machines');
      return path === '/machine/down' ? machinesDown(master, list) : machinesUp(master, list);
    }
    default:
      return undefined;
  }
}
