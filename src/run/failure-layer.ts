import type { ScopeLayer } from '../template/types.js';
import { dataLayer } from './layers.js';
import type { Failure } from './play-state.js';

/** `failed_task` and `failed_result`, as a rescue and `on_failure` read them. */
export function layerOfFailure(failure: Failure): ScopeLayer {
  return dataLayer('the failed task', { failed_task: failure.task, failed_result: failure.result });
}
