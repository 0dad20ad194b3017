import type { StepBase } from '../playbook/types.js';
import { EvaluationError } from '../template/errors.js';
import type { Scope } from '../template/scope.js';
import type { Become } from '../transport/types.js';
import { booleanKeyword, textKeyword } from './keywords.js';
import type { BecomeFlags } from './request.js';

/**
 * Who a task runs as: the task's and play's keywords, then the inventory (and play vars, `-e`), then the flags; root
 * unless a user is named. `trusted` holds no word that a host said. Undefined: the login user.
 */
export function resolveBecome(options: {
  readonly step: Pick<StepBase, 'keywords'>;
  readonly scope: Scope;
  readonly trusted: Scope;
  readonly flags: BecomeFlags;
}): Become | undefined {
  const { step, scope, trusted, flags } = options;
  const { keywords } = step;
  const wanted = booleanKeyword(keywords.become, scope) ?? booleanVariable(trusted, 'become') ?? flags.become ?? false;
  if (!wanted) return undefined;
  const method =
    textKeyword(keywords.becomeMethod, scope) ?? textVariable(trusted, 'become_method') ?? flags.method ?? 'sudo';
  if (method !== 'sudo' && method !== 'su')
    throw wrong('become_method', `must be sudo or su, not ${JSON.stringify(method)}`);
  const password =
    textKeyword(keywords.becomePassword, scope) ?? textVariable(trusted, 'become_password') ?? flags.password;
  const user = textKeyword(keywords.becomeUser, scope) ?? textVariable(trusted, 'become_user') ?? flags.user ?? 'root';
  return { method, user, ...(password === undefined ? {} : { password }) };
}

function variable(scope: Scope, name: string): ReturnType<Scope['read']> | undefined {
  const aliases = [name, `ansible_${name}`, ...(name === 'become_password' ? ['ansible_become_pass'] : [])];
  const found = aliases.find((alias) => scope.has(alias));
  return found === undefined ? undefined : scope.read(found);
}

function booleanVariable(scope: Scope, name: string): boolean | undefined {
  const value = variable(scope, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(name, `must be true or false, not ${JSON.stringify(value)}`);
}

function textVariable(scope: Scope, name: string): string | undefined {
  const value = variable(scope, name);
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(name, 'must be text');
}

function wrong(name: string, message: string): EvaluationError {
  return new EvaluationError({ severity: 'error', code: 'wrong-type', message: `the variable \`${name}\` ${message}` });
}
