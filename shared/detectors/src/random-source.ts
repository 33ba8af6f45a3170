/** Chance as an argument. The seeded generator of the runtime fits this; this package depends on nothing. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
}
