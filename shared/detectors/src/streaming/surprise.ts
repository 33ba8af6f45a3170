/**
 * How far a residual goes beyond its own largest ones: the logarithm of its ratio to the k-th largest so
 * far, or to the largest of this hour in the last days if that is more. Records fade a little with every
 * reading, an hour's habit with every day. Nothing is assumed about the tail of the residuals, which is
 * where Gaussian scores fail; the k-th record instead of the first lets a second anomaly be seen after a
 * first one; and what comes every day at the same hour, such as a wash, soon surprises nobody.
 */
import { f32 } from "@weir/contracts/elements.ts";
import type { Memory, Residual, ResidualKind } from "./residual.ts";
import { seasonBin } from "./season-residuals.ts";

/** k. */
const recordCount = 8;
/** What a record keeps of itself each reading. */
const recordKeep = 0.9998;
const hourCount = 24;
/** What an hour's largest residual keeps of itself each day, and how much of it must be exceeded. */
const hourKeep = 0.7;
const hourShare = 0.8;

/** Most that one reading can exceed a record: about a thousandfold. */
export const surpriseMax = 7;
/** A residual with a unit below this share of the reading's distance from the first one is rounding. */
const roundingShare = 1e-6;

/** Places in the singles: records, falling; each hour's largest; the present hour's; which that is, plus one. */
const last = recordCount - 1;
const at = {
  hours: recordCount,
  largest: recordCount + hourCount,
  hour: recordCount + hourCount + 1,
};

/** Singles beside the residual's own. */
export const surpriseSingles = at.hour + 1;
const noSingles = new Float32Array(0);

export class Surprise {
  readonly #residual: Residual;
  readonly #roundingShare: number;
  readonly #state: Float32Array;
  #found = 0;

  /** `memory` holds what the kind asks for and {@link surpriseSingles} more singles. */
  constructor(kind: ResidualKind, { doubles, singles, bytes }: Memory) {
    this.#state = singles;
    const own = kind.singles === 0 ? noSingles : singles.subarray(surpriseSingles);
    this.#residual = kind.create({ doubles, singles: own, bytes });
    this.#roundingShare = kind.hasUnit ? roundingShare : 0;
  }

  /** 0…{@link surpriseMax}. Changes nothing but a note for the {@link learn} that may follow. */
  of(value: number, timeMs: number): number {
    const residual = Math.abs(this.#residual.peek(value, timeMs));
    this.#found = residual > this.#roundingShare * Math.abs(value) ? residual : 0;
    const habit = hourShare * f32(this.#state, at.hours + seasonBin(timeMs, 1, hourCount));
    const bound = Math.max(f32(this.#state, last), habit);
    if (this.#found <= bound) return 0;
    const surprise = bound === 0 ? surpriseMax : Math.log(this.#found / bound);
    const trifle = this.#residual.trifle?.() ?? 0;
    const most =
      trifle === 0 ? surpriseMax : Math.min(surpriseMax, Math.log1p(this.#found / trifle));
    return Math.min(most, surprise);
  }

  /** Folds the reading in that the last {@link of} was about. */
  learn(value: number, timeMs: number): void {
    this.learnRecord(timeMs);
    this.#residual.learn(value, timeMs);
  }

  /** Remembers how surprising the reading was, and not the reading. */
  learnRecord(timeMs: number): void {
    this.#learnHour(seasonBin(timeMs, 1, hourCount));
    const records = this.#state;
    for (let i = 0; i < recordCount; i++) records[i] = f32(records, i) * recordKeep;
    if (this.#found <= f32(records, last)) return;
    let to = last;
    for (; to > 0 && f32(records, to - 1) < this.#found; to--) records[to] = f32(records, to - 1);
    records[to] = this.#found;
  }

  #learnHour(hour: number): void {
    const state = this.#state;
    const before = f32(state, at.hour) - 1;
    if (before !== hour) {
      if (before >= 0)
        state[at.hours + before] = Math.max(
          f32(state, at.largest),
          hourKeep * f32(state, at.hours + before),
        );
      state[at.largest] = 0;
      state[at.hour] = hour + 1;
    }
    state[at.largest] = Math.max(f32(state, at.largest), this.#found);
  }
}
