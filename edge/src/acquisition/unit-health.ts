/**
 * Which units of a shared connection are worth asking. One that does not answer costs everybody its
 * time-out, so it is asked rarely until it answers again; a unit that has the connection to itself
 * is asked at every slot.
 */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";

/** Failed requests in a row that make a unit dead. */
export const failuresMax = 3;
/** A dead unit may take one part in this of the connection's time. */
const shareOfTime = 20;
const probeEveryMsMax = 30_000;

interface UnitState {
  failures: number;
  isDead: boolean;
  /** A dead unit's next request may go out. */
  mayProbe: boolean;
  cancelProbe: Cancel;
}

export class UnitHealth {
  readonly #ioClock: Clock;
  readonly #states = new Map<number, UnitState>();
  readonly #onChange: (unit: number, isUp: boolean, text: string) => void;
  readonly #onProbeDue: () => void;

  constructor(options: {
    units: readonly number[];
    ioClock: Clock;
    onChange: (unit: number, isUp: boolean, text: string) => void;
    onProbeDue: () => void;
  }) {
    this.#ioClock = options.ioClock;
    this.#onChange = options.onChange;
    this.#onProbeDue = options.onProbeDue;
    for (const unit of options.units) {
      this.#states.set(unit, { failures: 0, isDead: false, mayProbe: true, cancelProbe: () => {} });
    }
  }

  mayAsk(unit: number): boolean {
    const state = this.#states.get(unit);
    return state === undefined || !state.isDead || state.mayProbe;
  }

  /** The newest request to `unit` was answered, or none was sent yet. */
  isWell(unit: number): boolean {
    return (this.#states.get(unit)?.failures ?? 0) === 0;
  }

  dead(): number[] {
    return [...this.#states].filter(([, state]) => state.isDead).map(([unit]) => unit);
  }

  answered(unit: number): void {
    const state = this.#states.get(unit);
    if (!state) return;
    state.failures = 0;
    if (!state.isDead) return;
    state.isDead = false;
    state.cancelProbe();
    this.#onChange(unit, true, "answers again");
  }

  /** `tookMs`: bus time that the failed request cost. */
  failed(unit: number, tookMs: number, text: string): void {
    const state = this.#states.get(unit);
    if (!state) return;
    state.failures++;
    if (state.failures < failuresMax) return;
    if (!state.isDead) {
      state.isDead = true;
      this.#onChange(unit, false, `${failuresMax} requests in a row failed: ${text}`);
    }
    const isAlone = [...this.#states.values()].every((other) => other.isDead);
    state.mayProbe = isAlone;
    if (isAlone) return;
    const waitMs = Math.min(probeEveryMsMax, Math.max(1, tookMs) * shareOfTime);
    state.cancelProbe();
    state.cancelProbe = this.#ioClock.after(waitMs, () => {
      state.mayProbe = true;
      this.#onProbeDue();
    });
  }

  stop(): void {
    for (const state of this.#states.values()) state.cancelProbe();
  }
}
