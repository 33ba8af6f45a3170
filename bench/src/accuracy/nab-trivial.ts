/** Detectors that know nothing: a table without them hides what the benchmark gives away. */
import { seeded } from "@weir/runtime/random.ts";
import type { Series } from "./nab-corpus.ts";

const periodCount = 100;

const scoresOf = (corpus: readonly Series[], score: (i: number) => number): Float64Array[] =>
  corpus.map(({ values }) => values.map((_, i) => score(i)));

export const trivialDetectors: Readonly<
  Record<string, (corpus: readonly Series[]) => Float64Array[]>
> = {
  null: (corpus) => scoresOf(corpus, () => 0),
  always: (corpus) => scoresOf(corpus, () => 1),
  [`periodic: every ${periodCount}th reading`]: (corpus) =>
    scoresOf(corpus, (i) => (i % periodCount === 0 ? 1 : 0)),
  random: (corpus) => {
    const random = seeded(1, "bench/accuracy");
    return scoresOf(corpus, () => random.uniform());
  },
};
