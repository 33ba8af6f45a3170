/** What edges sent that was not taken, or not as it was: counted since the start, and a problem until it is old. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Finding } from "@weir/runtime/health-monitor.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { ageWords } from "../freshness/freshness.ts";

/** Told for so long after the last time, plant milliseconds. */
const toldMs = 3_600_000;

const kinds = {
  /** Not stored; kept as a dead letter. */
  refused: {
    code: "edge-message-refused",
    text: "could not be taken and will not come again; the newest are kept for a look at them",
  },
  /** As `refused`, of readings whose times are neither history nor now; over with the next that are stored. */
  clock: {
    code: "edge-clock",
    text: "could not be stored and will not come again: its clock is wrong. Set it, or let edge and fog follow one time server; what is read from then on is stored",
  },
  /** As `refused`, of what tells of a protective function. */
  "trip-refused": {
    code: "edge-trip-refused",
    text: "of trips could not be taken: look at the edge's own page for what it has stopped",
  },
  /** Stored with some field brought within bounds. */
  changed: {
    code: "edge-message-changed",
    text: "had fields that cannot be true, which were replaced or cut",
  },
  /** Kept as history, though too far ahead of this fog's clock to be of now. */
  ahead: {
    code: "edge-readings-ahead",
    text: "had readings of the future: kept as history, and neither shown nor judged as of now. Set the clock of the edge, or of this fog",
  },
} as const;

export type RefusalKind = keyof typeof kinds;

const severities: Record<RefusalKind, Finding["severity"]> = {
  refused: "medium",
  clock: "medium",
  "trip-refused": "high",
  changed: "low",
  ahead: "medium",
};

interface Told {
  edge: string;
  kind: RefusalKind;
  count: number;
  lastMs: number;
  reason: string;
}

export class Refusals {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #told = new Map<string, Told>();

  constructor({ clock, logger }: { clock: Clock; logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** After the commit. `edge` has proven who it is, so that there are few. */
  note(edge: string, kind: RefusalKind, reason: string): void {
    const key = `${kind}/${edge}`;
    const before = this.#told.get(key);
    const lastMs = this.#clock.nowMs();
    // One line for each new reason: what is wrong in one message is wrong in the next.
    if (before?.reason !== reason) {
      this.#logger.warn("a message of an edge was not taken as it was", { edge, kind, reason });
    }
    this.#told.set(key, { edge, kind, count: (before?.count ?? 0) + 1, lastMs, reason });
  }

  has(edge: string, kind: RefusalKind): boolean {
    return this.#told.has(`${kind}/${edge}`);
  }

  /** What made it so has ended. */
  over(edge: string, kind: RefusalKind): void {
    this.#told.delete(`${kind}/${edge}`);
  }

  /** Since the start. */
  count(kind: RefusalKind): number {
    return [...this.#told.values()].reduce(
      (sum, one) => sum + (one.kind === kind ? one.count : 0),
      0,
    );
  }

  problems(): Finding[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#told.values()].flatMap(({ edge, kind, count, lastMs, reason }) => {
      if (nowMs - lastMs >= toldMs) return [];
      const { code, text } = kinds[kind];
      const what = `${count} ${count === 1 ? "message" : "messages"} of ${edge} ${text}`;
      const newest = `(the newest ${ageWords(Math.max(0, nowMs - lastMs))} ago: ${reason})`;
      return [{ code, severity: severities[kind], subject: edge, text: `${what} ${newest}` }];
    });
  }
}
