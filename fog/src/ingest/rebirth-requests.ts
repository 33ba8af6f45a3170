/** An edge whose tag table is not known is asked for it, not again for each batch. */
import type { Clock } from "@weir/runtime/clock.ts";

/** Asked again after this long, I/O clock. */
const againAfterMs = 10_000;

export interface RebirthRequestsOptions {
  ioClock: Clock;
  requestRebirth: (edge: string) => void;
}

export class RebirthRequests {
  readonly #options: RebirthRequestsOptions;
  readonly #askedMs = new Map<string, number>();

  constructor(options: RebirthRequestsOptions) {
    this.#options = options;
  }

  ask(edge: string): void {
    const { ioClock, requestRebirth } = this.#options;
    const nowMs = ioClock.monotonicMs();
    if (nowMs - (this.#askedMs.get(edge) ?? Number.NEGATIVE_INFINITY) < againAfterMs) return;
    this.#askedMs.set(edge, nowMs);
    requestRebirth(edge);
  }
}
