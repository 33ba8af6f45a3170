/**
 * How far a residual goes beyond its own largest ones: the logarithm of its ratio to the k-th largest so
 * far, or to the largest of this hour in the last days if that is more. Records fade a little with every
 * reading, an hour's habit with every day. Nothing is assumed about the tail of the residuals, which is
 * where Gaussian scores fail; the k-th record instead of the first lets a second anomaly be seen after a
 * first one; and what comes every day at the same hour, such as a wash, soon surprises nobody.
 */
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

/** Singles beside the residual's own: records, hours, the present hour's largest, the present hour + 1. */
export const surpriseSingles = recordCount + hourCount + 2;

export class Surprise {
  readonly #residual: Residual;
  readonly #roundingShare: number;
  readonly #records: Float32Array;
  readonly #hours: Float32Array;
  /** Largest of the present hour; which hour that is, plus one. */
  readonly #present: Float32Array;
  #found = 0;

  /** `memory` holds what the kind asks for and {@link surpriseSingles} more singles. */
  constructor(kind: ResidualKind, { doubles, singles, bytes }: Memory) {
    this.#records = singles.subarray(0, recordCount);
    this.#hours = singles.subarray(recordCount, recordCount + hourCount);
    this.#present = singles.subarray(recordCount + hourCount, surpriseSingles);
    this.#residual = kind.create({ doubles, singles: singles.subarray(surpriseSingles), bytes });
    this.#roundingShare = kind.hasUnit ? roundingShare : 0;
  }

  /** 0…{@link surpriseMax}. Changes nothing but a note for the {@link learn} that may follow. */
  of(value: number, timeMs: number): number {
    const residual = Math.abs(this.#residual.peek(value, timeMs));
    this.#found = residual > this.#roundingShare * Math.abs(value) ? residual : 0;
    const habit = hourShare * this.#hours[seasonBin(timeMs, 1, hourCount)]!;
    const bound = Math.max(this.#records[recordCount - 1]!, habit);
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
    const records = this.#records;
    for (let i = 0; i < recordCount; i++) records[i] = records[i]! * recordKeep;
    let at = recordCount - 1;
    if (this.#found > records[at]!) {
      for (; at > 0 && records[at - 1]! < this.#found; at--) records[at] = records[at - 1]!;
      records[at] = this.#found;
    }
  }

  #learnHour(hour: number): void {
    const before = this.#present[1]! - 1;
    if (before !== hour) {
      if (before >= 0)
        this.#hours[before] = Math.max(this.#present[0]!, hourKeep * this.#hours[before]!);
      this.#present[0] = 0;
      this.#present[1] = hour + 1;
    }
    this.#present[0] = Math.max(this.#present[0]!, this.#found);
  }
}
