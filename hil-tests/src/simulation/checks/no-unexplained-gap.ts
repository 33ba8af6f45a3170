/** Between two readings of a tag of which every reading is sent lies one period, unless its edge or its bus was down just then. */
import type { Check, Checked } from "../check.ts";
import { clockText } from "../clock-text.ts";
import { historyOf } from "./history-holds-each-reading-once.ts";

/** Before an outage: what was gathered and not yet committed. After it: the wait for the next dial. I/O milliseconds. */
const commitSlackMs = 500;
const dialSlackMs = 2_000;

interface Outage {
  fromMs: number;
  toMs: number;
}

export const noUnexplainedGap: Check = {
  name: "noUnexplainedGap",
  atEnd: (run) => {
    const { world } = run;
    const core = world.fog.fog?.core;
    const span = core?.historian.span();
    if (!core || !span) return "there is no history";
    const periodMs = (world.options.pollEveryS ?? 0) * 1_000;
    const outages = outagesByEdge(run);
    const lastMs = new Map<number, number>();
    let broken: string | undefined;
    historyOf(core.historian.reader).walk(span, (_minute, columns) => {
      for (const [tag, { timesMs }] of columns) {
        const { device = "", name = "" } = core.tags.rows[tag]?.tag ?? {};
        // What a pane says is looked at in another check.
        if (world.options.policyOf?.(`${device}/${name}`) === "summary") continue;
        for (const atMs of timesMs) {
          const before = lastMs.get(tag);
          lastMs.set(tag, atMs);
          if (before === undefined || atMs - before <= 1.5 * periodMs) continue;
          const row = core.tags.rows[tag];
          const isExplained = outages
            .get(row?.edge ?? "")
            ?.some(({ fromMs, toMs }) => fromMs < atMs && toMs > before);
          if (isExplained) continue;
          const [from, to] = [before, atMs].map((ms) => clockText(ms - world.startMs));
          broken ??= `${row?.id} has no reading between ${from} and ${to}`;
        }
      }
    });
    return broken;
  },
};

/** Of the edge itself, its disk and any of its buses, widened by what may be lost around them; in the edge's own time. */
function outagesByEdge({ world, driver }: Checked): Map<string, Outage[]> {
  const { ioRate = 1, blockEveryMs = 0, pollEveryS = 0 } = world.options;
  const periodMs = pollEveryS * 1_000;
  return new Map(
    world.edges.map((edge) => {
      const buses = [...edge.gateways.keys()].map((gateway) => `bus ${gateway}`);
      const outages = [edge.id, `disk of ${edge.id}`, ...buses].flatMap((name) => {
        const of = (word: string) =>
          driver.log.filter(({ what }) => what === `${name} ${word}`).map(({ atMs }) => atMs);
        const ends = of("up");
        return of("down").map((downMs, i) => ({
          fromMs: world.startMs + downMs,
          toMs: world.startMs + (ends[i] ?? Number.POSITIVE_INFINITY),
        }));
      });
      const jumps = edge.calendar.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs }));
      const widened = [...outages, ...jumps].map(({ fromMs, toMs }) => {
        const skew = skewAround(edge, { fromMs, toMs });
        return {
          fromMs: fromMs + skew.least - blockEveryMs - commitSlackMs * ioRate,
          toMs: toMs + skew.most + dialSlackMs * ioRate + periodMs,
        };
      });
      return [edge.id, widened];
    }),
  );
}

/** How far the edge's calendar was ahead of the world's just before `fromMs` and until `toMs`. */
function skewAround(
  edge: Checked["world"]["edges"][number],
  { fromMs, toMs }: Outage,
): { least: number; most: number } {
  const before = edge.calendar.findLast(({ atMs }) => atMs < fromMs)?.skewMs ?? 0;
  const within = edge.calendar.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  const skews = [before, ...within.map(({ skewMs }) => skewMs)];
  return { least: Math.min(...skews), most: Math.max(...skews) };
}
