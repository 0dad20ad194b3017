/** Counts the channels of one connection: OpenSSH refuses the 11th (MaxSessions 10), so a session keeps to 8. */
export class ChannelSlots {
  #limit: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];
  /** Asked to give a channel back when somebody has to wait for one (an idle long-lived shell). */
  readonly #spare: () => void;

  constructor(options: { readonly limit: number; readonly spare: () => void }) {
    this.#limit = options.limit;
    this.#spare = options.spare;
  }

  /** Waits for a free channel, first come first served. */
  async take(): Promise<void> {
    if (this.#used < this.#limit) {
      this.#used += 1;
      return;
    }
    this.#spare();
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  give(): void {
    if (this.#used > this.#limit) {
      this.#used -= 1;
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#used -= 1;
    else next();
  }

  /** The server refused a channel that was taken: from now on only as many as are open. False when there is no other. */
  shrink(): boolean {
    if (this.#used <= 1) return false;
    this.#limit = Math.min(this.#limit, this.#used - 1);
    this.#used -= 1;
    return true;
  }
}
