/** What the control thread says while no uplink thread listens. Bounded: the control thread goes on for ever. */
import type { Notice } from "../hand-over.ts";

/** Readings kept, as hand-overs; about a minute's worth. */
export const readingNoticesMax = 600;
export const eventNoticesMax = 10_000;

interface Segment {
  /** The table that the readings' positions belong to. */
  tags: Notice;
  readings: Notice[];
}

export class NoticeBuffer {
  /** Oldest first: a configuration may change while nobody listens. */
  #segments: Segment[] = [];
  #status: Notice | undefined;
  #readingCount = 0;
  readonly #events: Notice[] = [];
  #lost = 0;

  /** Remembers what a thread that starts later must know, and keeps the rest only when told to. */
  note(notice: Notice, keep: boolean): void {
    if (notice.kind === "tags") {
      // A table without readings matters no longer.
      const before = keep ? this.#segments.filter(({ readings }) => readings.length > 0) : [];
      this.#segments = [...before, { tags: notice, readings: [] }];
    } else if (notice.kind === "status") {
      this.#status = notice;
    } else if (!keep) {
      return;
    } else if (notice.kind === "readings") {
      this.#keepReadings(notice);
    } else if (notice.kind === "event") {
      if (this.#events.length < eventNoticesMax) this.#events.push(notice);
      else this.#lost += 1;
    }
  }

  /** For a thread that has just started: each tag table before its readings. Empties what was kept. */
  replay(): Notice[] {
    const status = this.#status ? [this.#status] : [];
    const [first, ...later] = this.#segments;
    const notices = [
      ...(first ? [first.tags] : []),
      ...status,
      ...this.#events.splice(0),
      ...(first?.readings ?? []),
      ...later.flatMap(({ tags, readings }) => [tags, ...readings]),
    ];
    this.#segments = this.#segments.slice(-1).map(({ tags }) => ({ tags, readings: [] }));
    this.#readingCount = 0;
    return notices;
  }

  /** Hand-overs that nobody took, since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #keepReadings(notice: Notice): void {
    const segment = this.#segments.at(-1);
    if (segment && this.#readingCount < readingNoticesMax) {
      segment.readings.push(notice);
      this.#readingCount++;
    } else {
      this.#lost += 1;
    }
  }
}
