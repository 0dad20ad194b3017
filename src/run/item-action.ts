import { createHash } from 'node:crypto';
import { isValueMap, type Value } from '../template/value.js';
import type { MetAction } from './actions.js';
import type { Item } from './item.js';
import { type ItemResult, registered } from './result.js';
import type { Task } from './task.js';

/** One item's action, which a run that goes on with this one must not do again. */
export interface ItemAction {
  /** What an earlier run came to; undefined: it has to be done. Asked before the first try. */
  earlier(asked: { readonly params: unknown; readonly prepared: unknown }): ItemResult | undefined;
  /** Keeps it when it is done; one that failed is tried again by the next run. */
  ended(result: ItemResult): void;
}

/** Longer results are not kept: their tasks run again when somebody reads what they registered. */
const longestKept = 256 * 1024;

/**
 * Undefined where nothing is to be remembered: in a preview, for what a look can judge, for tasks that only ask
 * (`changed_when: false`), and for handlers, gates and roll-backs, which run whenever they are due.
 */
export function actionOf(item: Item & { readonly task: Task }): ItemAction | undefined {
  const { step, frame, host, module, task, preview } = item;
  const memory = frame.play.run.request.actions;
  if (memory === undefined || preview || module.doneOnce === undefined || !isRemembered(item)) return undefined;
  const isOneTime = module.doneOnce.bind(module);
  let met: MetAction | undefined;
  return {
    earlier({ params, prepared }) {
      if (met !== undefined || !isOneTime(params)) return undefined;
      met = memory.meet({ host: host.state.name, key: keyOf(item, { params, prepared }) });
      const { earlier } = met;
      if (earlier === undefined || (step.register !== undefined && earlier.values === undefined)) return undefined;
      return {
        status: 'ok',
        message: `done by run ${earlier.run}`,
        changes: [],
        values: earlier.values ?? registered({ status: earlier.changed ? 'changed' : 'ok' }),
        warnings: [],
        earlier: true,
      };
    },
    ended(result) {
      if (result.status !== 'ok' && result.status !== 'changed') return;
      const values = step.register === undefined || task.noLog ? undefined : keepable(item, result.values);
      const changed = isValueMap(result.values) && result.values['changed'] === true;
      met?.done({ changed, ...(values === undefined ? {} : { values }) });
    },
  };
}

function isRemembered({ step, frame }: Item): boolean {
  const { section } = frame;
  const onlyAsks = step.changedWhen?.every(({ source }) => source.trim() === 'false') ?? false;
  return !onlyAsks && section !== 'handlers' && section !== 'gate' && section !== 'on_failure';
}

/** The values when they hold no secret and are not too long: what is masked cannot be read again. */
function keepable({ frame }: Item, values: Value): Readonly<Record<string, Value>> | undefined {
  if (!isValueMap(values)) return undefined;
  const text = JSON.stringify(values);
  const { masker } = frame.play.run.request;
  return text.length <= longestKept && JSON.stringify(masker.maskData(values)) === text ? values : undefined;
}

/** Lines of the file do not count: what stands above an action may be edited between two runs. */
function keyOf(
  item: Item & { readonly task: Task },
  asked: { readonly params: unknown; readonly prepared: unknown },
): string {
  const { step, access, delegatedTo, task, job } = item;
  const { play, role, task: name, section } = task.ref;
  const { become, environment } = access;
  return createHash('sha256')
    .update(
      JSON.stringify([
        [play, section, role, name, step.module],
        [become?.method, become?.user, delegatedTo, environment, job],
        [asked.params, asked.prepared],
      ]),
    )
    .digest('hex');
}
