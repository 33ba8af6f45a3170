/** What the control thread says while no uplink thread listens. Bounded: the control thread goes on for ever. */
import type { Notice } from "../hand-over.ts";

/** Readings kept, as hand-overs; about a minute's worth. */
export const readingNoticesMax = 600;
export const eventNoticesMax = 10_000;

export class NoticeBuffer {
  #tags: Notice | undefined;
  #status: Notice | undefined;
  readonly #readings: Notice[] = [];
  readonly #events: Notice[] = [];
  #lost = 0;

  /** Remembers what a thread that starts later must know, and keeps the rest only when told to. */
  note(notice: Notice, keep: boolean): void {
    if (notice.kind === "tags") {
      // Readings of the old table would be taken for readings of the new one.
      this.#lost += this.#readings.splice(0).length;
      this.#tags = notice;
    } else if (notice.kind === "status") {
      this.#status = notice;
    } else if (!keep) {
      return;
    } else if (notice.kind === "readings") {
      if (this.#readings.length < readingNoticesMax) this.#readings.push(notice);
      else this.#lost += 1;
    } else if (notice.kind === "event") {
      if (this.#events.length < eventNoticesMax) this.#events.push(notice);
      else this.#lost += 1;
    }
  }

  /** For a thread that has just started: tag table first. Empties what was kept. */
  replay(): Notice[] {
    const head = [this.#tags, this.#status].filter((notice) => notice !== undefined);
    return [...head, ...this.#events.splice(0), ...this.#readings.splice(0)];
  }

  /** Hand-overs that nobody took, since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}
