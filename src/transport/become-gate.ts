import { BecomeError, type Become } from './types.js';

/**
 * Remembers per host how becoming another user went. The first attempt for a user and password goes alone and the
 * others wait for it, so a wrong password is tried once per host and run, not once per task (accounts get locked).
 */
export class BecomeGate {
  readonly #first = new Map<string, Promise<BecomeError | undefined>>();
  /** sudo wants a terminal (`requiretty`): found out once. */
  terminal = false;

  async pass<T>(become: Become, attempt: () => Promise<T>): Promise<T> {
    const key = JSON.stringify([become.method, become.user, become.password ?? null]);
    const earlier = this.#first.get(key);
    if (earlier !== undefined) {
      const failure = await earlier;
      if (failure !== undefined) throw new BecomeError(failure.reason, failure.message);
      return attempt();
    }
    const result = attempt();
    const verdict = result.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof BecomeError && error.reason.startsWith('password')) return error;
        // Anything else (a lost connection, a cancelled task) says nothing about the password.
        this.#first.delete(key);
        return undefined;
      },
    );
    this.#first.set(key, verdict);
    return result;
  }
}
