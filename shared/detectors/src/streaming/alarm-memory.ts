/**
 * What an alarm does to the next ones. Shortly after one only a clearly larger surprise is news; and a
 * sensor that alarms often means less by it.
 */
import { f64 } from "@weir/contracts/elements.ts";

export interface AlarmMemoryOptions {
  /** From this surprise on a reading counts as an alarm. */
  alarmSurprise: number;
  /** The next one must exceed it by this much, */
  step: number;
  /** less and less over this many readings. */
  holdLength: number;
  /** Each alarm raises the bar by this much, */
  habitStep: number;
  /** fading over this many readings. */
  habitLength: number;
}

/** Numbers of state. */
export const alarmMemoryDoubles = 2;
const at = { bar: 0, habit: 1 } as const;

export class AlarmMemory {
  readonly #state: Float64Array;
  readonly #options: AlarmMemoryOptions;
  readonly #keepOfBar: number;
  readonly #keepOfHabit: number;

  constructor(state: Float64Array, options: AlarmMemoryOptions) {
    this.#state = state;
    this.#options = options;
    this.#keepOfBar = Math.exp(-1 / options.holdLength);
    this.#keepOfHabit = Math.exp(-1 / options.habitLength);
  }

  /** What is left of a surprise in view of earlier alarms; 0 = nothing new. */
  news(surprise: number): number {
    const raised = surprise - f64(this.#state, at.habit) * this.#keepOfHabit;
    return raised > f64(this.#state, at.bar) * this.#keepOfBar ? raised : 0;
  }

  learn(surprise: number): void {
    const { alarmSurprise, step, habitStep } = this.#options;
    const news = this.news(surprise);
    const isAlarm = news > alarmSurprise;
    const bar = f64(this.#state, at.bar) * this.#keepOfBar;
    this.#state[at.bar] = isAlarm ? news + step : Math.max(bar, news);
    this.#state[at.habit] =
      f64(this.#state, at.habit) * this.#keepOfHabit + (isAlarm ? habitStep : 0);
  }
}
