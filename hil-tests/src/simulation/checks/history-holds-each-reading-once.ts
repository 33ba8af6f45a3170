/** The fog's history has exactly the readings it counted as stored, each once, in order for each tag. */
import type { Check } from "../check.ts";
import { clockText } from "../clock-text.ts";

const minuteMs = 60_000;

/** Counts of the sealed history by minute. */
export function historyOf(reader: {
  readings(startMs: number): ReadonlyMap<number, { timesMs: Float64Array }>;
}) {
  return {
    /** `each` sees the columns of every minute from `fromMs` to `toMs`. */
    walk(
      { fromMs, toMs }: { fromMs: number; toMs: number },
      each: (minuteMs: number, columns: ReadonlyMap<number, { timesMs: Float64Array }>) => void,
    ): void {
      for (let at = fromMs; at <= toMs; at += minuteMs) each(at, reader.readings(at));
    },
  };
}

export const historyHoldsEachReadingOnce: Check = {
  name: "historyHoldsEachReadingOnce",
  atEnd: ({ world }) => {
    const core = world.fog.fog?.core;
    const span = core?.historian.span();
    if (!core || !span) return "there is no history";
    const lastMs = new Map<number, number>();
    let count = 0;
    let broken: string | undefined;
    historyOf(core.historian.reader).walk(span, (_minute, columns) => {
      for (const [tag, { timesMs }] of columns) {
        for (const atMs of timesMs) {
          count += 1;
          const before = lastMs.get(tag) ?? Number.NEGATIVE_INFINITY;
          if (atMs <= before && !isExplained(world, core.tags.rows[tag]?.edge ?? "", atMs)) {
            const id = core.tags.rows[tag]?.id;
            const word = atMs === before ? "twice" : "out of order";
            broken ??= `${id} has the reading of ${clockText(atMs - world.startMs)} ${word}`;
          }
          lastMs.set(tag, atMs);
        }
      }
    });
    const stored = core.ingest.links().reduce((sum, link) => sum + link.stored, 0);
    return broken ?? (count === stored ? undefined : `${count} in history, ${stored} stored`);
  },
};

/** An edge whose calendar was set back lives some time twice. */
function isExplained(
  world: Parameters<NonNullable<Check["atEnd"]>>[0]["world"],
  edge: string,
  atMs: number,
): boolean {
  const calendar = world.edge(edge)?.calendar ?? [];
  return calendar.some(({ skewMs, atMs: setMs }, i) => {
    const backMs = (calendar[i - 1]?.skewMs ?? 0) - skewMs;
    const period = (world.options.pollEveryS ?? 0) * 1_000;
    return (
      backMs > 0 && atMs >= setMs + skewMs - period && atMs <= setMs + skewMs + backMs + period
    );
  });
}
