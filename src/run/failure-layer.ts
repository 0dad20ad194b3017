import type { ScopeLayer } from '../template/types.js';
import { dataLayer } from './layers.js';
import type { Failure } from './play-state.js';

/** `failed_task` and `failed_result`, as a rescue and `on_failure` read them; Ansible's names are understood too. */
export function layerOfFailure(failure: Failure): ScopeLayer {
  const { task, result } = failure;
  return dataLayer('the failed task', {
    failed_task: task,
    failed_result: result,
    ansible_failed_task: task,
    ansible_failed_result: result,
  });
}
