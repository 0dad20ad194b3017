import type { Value, ValueMap } from '../../template/value.js';
import { contentResource, pathResource } from '../promises.js';
import type { Change, Comparison, ModuleContext, Promised } from '../types.js';
import type { ContainerFound, Leftover } from './container-look.js';
import type { ContainerParams } from './container-params.js';
import { configFilePart, rememberedParts, wantedParts, type WantedParts } from './container-wanted.js';
import type { ContainerState } from './engine-types.js';
import { imageResource } from './image-name.js';
import { withoutEngine } from './look.js';

/** Compares a container with what is asked for; what differs is named part by part. */
export function compareContainer(found: ContainerFound, context: ModuleContext<ContainerParams, unknown>): Comparison {
  const { params, preview, promised } = context;
  if (found.problem !== undefined) {
    const change: Comparison =
      params.state === 'absent' ? { kind: 'same' } : wouldChange(params, creation(params, found));
    return withoutEngine(found.problem, { preview, promised, change });
  }
  const { container } = found;
  const values = containerValues(params.name, container);
  if (params.state === 'absent') return compareAbsent(found, params, values);
  if (container === undefined) {
    if (params.image !== undefined) return wouldChange(params, creation(params, found));
    const message = `there is no container ${params.name}, and no \`image\` to make one from`;
    return preview && promised?.has(containerResource(params.name)) === true
      ? { kind: 'unknown', reason: `an earlier task makes ${params.name}` }
      : { kind: 'failed', message };
  }
  const changes = [
    ...replacingChanges(found, params, promised),
    ...stateChanges(container, params),
    ...leftoverChanges(found, params),
  ];
  if (changes.length > 0) return wouldChange(params, changes);
  if (params.image !== undefined && promised?.touches(imageResource(params.image)) === true) {
    return { kind: 'unknown', reason: `an earlier task brings the image ${params.image}` };
  }
  if (params.pull === 'always' && params.image !== undefined)
    return { kind: 'act', summary: `pull ${params.image}, and replace the container if it is a newer one` };
  return { kind: 'same', values };
}

/** Parts for which the container must be made anew; empty when it may stay. In a preview files are as earlier tasks would leave them. */
export function replacingChanges(
  found: ContainerFound,
  params: ContainerParams,
  promised?: Promised,
): readonly Change[] {
  const { container, image } = found;
  if (container === undefined || params.image === undefined) return [];
  const remembered = rememberedParts(container.Config?.Labels);
  if (remembered === undefined) return [{ part: 'made by', before: 'somebody else', after: 'this playbook' }];
  const rewritten = rewrittenFiles(params, promised);
  const wanted = wantedParts(params, found.configFiles);
  const changes = partChanges({ wanted, remembered, container }).filter(
    (change) => !rewritten.some((path) => change.part === configFilePart(path)),
  );
  for (const path of rewritten) {
    const before = remembered.get(configFilePart(path));
    // Written back to what the container started with (a hand edit taken back): nothing to do.
    if (before !== undefined && promised?.touches(contentResource(path, before)) === true) continue;
    changes.push({
      part: configFilePart(path),
      before: before?.slice(0, 12) ?? null,
      after: 'what an earlier task writes',
    });
  }
  if (changes.length === 0 && image?.Id !== undefined && container.Image !== image.Id) {
    changes.push({ part: 'image id', before: container.Image ?? null, after: image.Id });
  }
  if (changes.length === 0 && params.recreate) changes.push({ part: 'recreate', after: true });
  return changes;
}

function rewrittenFiles(params: ContainerParams, promised: Promised | undefined): readonly string[] {
  return promised === undefined ? [] : params.config_files.filter((path) => promised.touches(pathResource(path)));
}

function partChanges(options: {
  readonly wanted: WantedParts;
  readonly remembered: ReadonlyMap<string, string>;
  readonly container: ContainerState;
}): Change[] {
  const { wanted, remembered, container } = options;
  const names = new Set([...wanted.keys(), ...remembered.keys()]);
  return [...names].sort().flatMap((part) => {
    const after = wanted.get(part);
    if (after?.hash === remembered.get(part)) return [];
    const before = remembered.has(part) ? (knownBefore(part, container) ?? 'another') : undefined;
    return [
      {
        part,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after: shown(part, after.value) }),
      },
    ];
  });
}

/** The old value of a part, where the engine tells it in our words. */
function knownBefore(part: string, container: ContainerState): Value | undefined {
  if (part === 'image') return container.Config?.Image;
  if (!part.startsWith('env.')) return undefined;
  const name = part.slice('env.'.length);
  const entry = container.Config?.Env?.find((line) => line.startsWith(`${name}=`));
  return entry === undefined ? undefined : shown(part, entry.slice(name.length + 1));
}

/** An old secret is known to nobody who could mask it: what is named like one is not shown. */
const secretName = /pass|secret|token|credential|private|_key$/i;

function shown(part: string, value: Value): Value {
  return part.startsWith('env.') && secretName.test(part) ? '(not shown)' : value;
}

/** Changes of state alone. */
export function stateChanges(container: ContainerState, params: ContainerParams): readonly Change[] {
  const status = container.State?.Status ?? 'unknown';
  const running = container.State?.Running === true && container.State.Paused !== true;
  if (params.state === 'started' && !running) return [{ part: 'state', before: status, after: 'running' }];
  if (params.state === 'stopped' && container.State?.Running === true)
    return [{ part: 'state', before: status, after: 'stopped' }];
  return params.state === 'started' && params.restart ? [{ part: 'restart', after: true }] : [];
}

/** What a replacement that was cut off left behind; an old container that was kept on purpose is none of it. */
export function unfinished(found: ContainerFound, params: ContainerParams): readonly Leftover[] {
  return found.leftovers.filter((leftover) => !params.keep_old || !leftover.name.startsWith(`${params.name}.old-`));
}

function leftoverChanges(found: ContainerFound, params: ContainerParams): readonly Change[] {
  return unfinished(found, params).map((leftover) => ({ part: 'unfinished replacement', before: leftover.name }));
}

function compareAbsent(
  found: ContainerFound,
  params: ContainerParams,
  values: Readonly<Record<string, Value>>,
): Comparison {
  const there = [
    ...(found.container === undefined ? [] : [params.name]),
    ...found.leftovers.map((leftover) => leftover.name),
  ];
  if (there.length === 0) return { kind: 'same', values };
  return { kind: 'change', changes: there.map((name) => ({ part: 'container', before: name })) };
}

function creation(params: ContainerParams, found: ContainerFound): readonly Change[] {
  const parts = wantedParts(params, found.configFiles);
  const shownParts = [...parts].map(([part, wanted]) => ({ part, after: shown(part, wanted.value) }));
  return [{ part: 'container', after: params.name }, ...shownParts];
}

function wouldChange(params: ContainerParams, changes: readonly Change[]): Comparison {
  return { kind: 'change', changes, provides: [containerResource(params.name)] };
}

/** The resource of a container in a preview. */
export function containerResource(name: string): string {
  return `container:${name}`;
}

/** What `register` holds of a container. */
export function containerValues(name: string, container: ContainerState | undefined): ValueMap {
  return {
    exists: container !== undefined,
    container:
      container === undefined
        ? null
        : {
            name,
            id: container.Id ?? null,
            image: container.Config?.Image ?? null,
            image_id: container.Image ?? null,
            status: container.State?.Status ?? null,
            running: container.State?.Running ?? false,
            health: container.State?.Health?.Status ?? null,
            started_at: container.State?.StartedAt ?? null,
            restart_count: container.RestartCount ?? 0,
          },
  };
}
