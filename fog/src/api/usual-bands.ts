/** Where tags usually lie: p5 and p95 of their minute means over the last days. Asked on first use, kept an hour. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Band, HistoryQueries } from "../historian/history-query.ts";

const lookBackMs = 3 * 86_400_000;
const keptMs = 3_600_000;

export class UsualBands {
  readonly #history: HistoryQueries;
  readonly #clock: Clock;
  readonly #bands = new Map<string, { band: Promise<Band | undefined>; untilMs: number }>();

  constructor(options: { history: HistoryQueries; clock: Clock }) {
    this.#history = options.history;
    this.#clock = options.clock;
  }

  /** In the order of `tags`. */
  of(tags: readonly string[], signal?: AbortSignal): Promise<(Band | undefined)[]> {
    const nowMs = this.#clock.nowMs();
    const missing = tags.filter((tag) => (this.#bands.get(tag)?.untilMs ?? 0) <= nowMs);
    if (missing.length > 0) this.#ask(missing, nowMs, signal);
    return Promise.all(tags.map((tag) => this.#bands.get(tag)?.band));
  }

  /** Several pages that open at once share one question. */
  #ask(tags: readonly string[], nowMs: number, signal: AbortSignal | undefined): void {
    const question = { kind: "bands", tags, fromMs: nowMs - lookBackMs, toMs: nowMs } as const;
    const asked = this.#history.ask(question, signal);
    tags.forEach((tag, index) => {
      const band = asked.then((bands) => bands[index]);
      this.#bands.set(tag, { band, untilMs: nowMs + keptMs });
      // What could not be told is asked again the next time; whoever waits for it hears of the failure.
      band.catch(() => {
        if (this.#bands.get(tag)?.band === band) this.#bands.delete(tag);
      });
    });
  }
}
