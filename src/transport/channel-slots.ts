/** Channels opened without a refusal before one more at once is tried again. */
const trustAfter = 16;

/**
 * Counts the channels of one connection: OpenSSH refuses the 11th (MaxSessions 10), so a session keeps to 8. A server
 * that gives fewer is found out by its refusal; the limit then goes down, and comes back step by step.
 */
export class ChannelSlots {
  readonly #most: number;
  #limit: number;
  #used = 0;
  #good = 0;
  readonly #waiting: (() => void)[] = [];
  /** Asked to give a channel back when somebody has to wait for one (an idle long-lived shell). */
  readonly #spare: () => void;

  constructor(options: { readonly limit: number; readonly spare: () => void }) {
    this.#most = options.limit;
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

  /** A channel that was taken was opened. */
  opened(): void {
    this.#good += 1;
    if (this.#good % trustAfter === 0 && this.#limit < this.#most) this.#limit += 1;
  }

  /** Something became idle: whoever waits for a channel may have its. */
  relieve(): void {
    if (this.#waiting.length > 0) this.#spare();
  }

  /** A channel has ended. */
  give(): void {
    this.#used -= 1;
    while (this.#used < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#used += 1;
      next();
    }
  }

  /** The server refused the channel that was taken. False when no other is open, whose end would be worth waiting for. */
  refused(): boolean {
    this.#good = 0;
    const others = this.#used - 1;
    if (others < 1) return false;
    this.#limit = Math.min(this.#limit, others);
    this.#used -= 1;
    return true;
  }
}
