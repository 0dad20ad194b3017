import { isValueMap } from '../template/value.js';
import type { TaskOutcome } from './events.js';
import type { ItemResult } from './result.js';

/** What the world may see of a result: under no_log only that it happened. */
export function outcomeOf(options: {
  readonly result: ItemResult;
  readonly noLog: boolean;
  readonly showDiff: boolean;
  readonly milliseconds: number;
  readonly ignored?: boolean;
  readonly rescued?: boolean;
}): TaskOutcome {
  const { result, noLog, showDiff, milliseconds, ignored = false, rescued = false } = options;
  const { status, message, hint, diagnostic, changes, values, attempts, delegatedTo, warnings } = result;
  const common = {
    status,
    noLog,
    milliseconds,
    ...(ignored ? { ignored } : {}),
    ...(rescued ? { rescued } : {}),
    ...(delegatedTo === undefined ? {} : { delegatedTo }),
    ...(attempts === undefined ? {} : { attempts }),
  };
  if (noLog) {
    const hidden = message === undefined || result.unreachable ? message : 'hidden by no_log';
    return {
      ...common,
      showDiff: false,
      changes: [],
      warnings: [],
      ...(hidden === undefined ? {} : { message: hidden }),
    };
  }
  return {
    ...common,
    showDiff,
    changes: showDiff ? changes : changes.map(withoutDiff),
    warnings,
    ...(message === undefined ? {} : { message }),
    ...(hint === undefined ? {} : { hint }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...(isValueMap(values) ? { result: values } : {}),
  };
}

function withoutDiff(change: TaskOutcome['changes'][number]): TaskOutcome['changes'][number] {
  const { diff: _hidden, ...rest } = change;
  return rest;
}
