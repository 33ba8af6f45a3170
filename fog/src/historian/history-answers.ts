/** Answers one question about the past. Runs in the worker; in tests and simulations where it is called. */
import type { AnswerTo, Band, HistoryQueries, Question } from "./history-query.ts";
import type { HistoryReader } from "./history-reader.ts";

/** Fewer minutes than these say nothing of what is usual. */
const bandMinutesMin = 120;

export function answer<Q extends Question>(reader: HistoryReader, question: Q): AnswerTo<Q> {
  const { tags, fromMs, toMs } = question;
  const found =
    question.kind === "series"
      ? reader.series(tags, fromMs, toMs, question.buckets)
      : bandsOf(reader, tags, { fromMs, toMs });
  return found as AnswerTo<Q>;
}

/** Answers on the spot: for simulations and tests, where no other thread sees the clock. */
export const historyHere = (reader: HistoryReader): HistoryQueries => ({
  ask: async (question) => answer(reader, question),
  close: async () => {},
});

function bandsOf(
  reader: HistoryReader,
  tags: readonly string[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): (Band | undefined)[] {
  const columns = tags.map((): number[] => []);
  for (const row of reader.minutes(tags, fromMs, toMs)) {
    columns.forEach((column, index) => {
      if ((row.n[index] ?? 0) > 0) column.push(row.mean[index] ?? Number.NaN);
    });
  }
  return columns.map((column) => {
    if (column.length < bandMinutesMin) return undefined;
    const sorted = Float64Array.from(column).sort();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return { low: at(0.05), high: at(0.95) };
  });
}
