/** Every point is read for a while, and nothing wrong is ever taken for right. */
import { numberAt } from "@weir/contracts/elements.ts";
import { Agent, type PointRecord } from "../rigs/agent.ts";
import { check, ms, type ResultRow, type ResultTable, type Suite } from "./suite.ts";

/** However short a run was asked for, a point needs its period and a moment more; but none keeps a run for longer. */
const readMsMax = 60_000;
const momentMs = 2_000;

/** A point that is read less often than this share of its periods does not count as read. */
const readShareMin = 0.8;

export const readPoints: Suite = {
  id: "read-points",
  title: "Every point is read",
  about: "The agent polls all devices at their configured rates; each value must lie where it can.",
  unfit: ({ configuration }) => (configuration.tags.length === 0 ? "no points" : undefined),
  run: async ({ configuration, expect, options }) => {
    const agent = new Agent(configuration, expect);
    agent.start();
    const periodsMs = configuration.tags.map(({ periodMs }) => periodMs);
    const wholeMs = Math.min(readMsMax, Math.max(...periodsMs) + momentMs);
    const readMs = Math.max(options.readMs, wholeMs);
    await agent.sleep(readMs);
    agent.stop();
    return {
      rows: pointRows(agent, readMs),
      distributions: [],
      tables: [busTable(agent), pointTable(agent)],
    };
  },
};

/** Good by the agent's judgement, and not where they can be. */
export function wrongRow({ points }: Agent): ResultRow {
  const wrong = points.filter((point) => point.wrong.length > 0);
  const total = points.reduce((sum, point) => sum + point.good, 0);
  return check("Wrong values taken for good", {
    measured: wrong.length === 0 ? `0 of ${total}` : wrong.map(wrongText).join("; "),
    asked: "0",
    ok: wrong.length === 0,
  });
}

export function pointRows(agent: Agent, readMs: number): ResultRow[] {
  const { points } = agent;
  const silent = points.filter((point) => point.good === 0);
  return [
    wrongRow(agent),
    check(`Points read within ${Math.round(readMs / 1000)} s`, {
      measured:
        silent.length === 0
          ? `${points.length} of ${points.length}`
          : `not: ${silent.map(({ tag }) => tag).join(", ")}`,
      asked: "all",
      ok: silent.length === 0,
    }),
  ];
}

const wrongText = ({ tag, wrong, low, high }: PointRecord): string =>
  `${tag} read ${wrong[0]?.value} outside ${low} to ${high} (${wrong.length}×)`;

/** How each connection fared. */
export function busTable(agent: Agent): ResultTable {
  return {
    name: "Connections",
    head: [
      "connection",
      "round trip, half",
      "99 of 100",
      "requests",
      "failed",
      "reconnects",
      "skipped polls",
      "bytes of nothing",
      "in use, at most",
      "by arithmetic",
    ],
    rows: (agent.status?.buses ?? []).map((bus) => [
      bus.id ?? "",
      bus.roundTripMsP50 ? ms(bus.roundTripMsP50) : "–",
      bus.roundTripMsP99 ? ms(bus.roundTripMsP99) : "–",
      String(bus.requests),
      String(bus.failures),
      String(bus.reconnects),
      String(bus.skippedPolls),
      String(bus.discardedBytes ?? 0),
      percent(Math.max(0, ...(agent.utilisation.get(bus.id ?? "") ?? []))),
      percent(bus.budget),
    ]),
  };
}

/** What each point read. */
export function pointTable({ points }: Agent): ResultTable {
  const shown = (value: number) => (Number.isFinite(value) ? String(+value.toPrecision(5)) : "–");
  return {
    name: "Points",
    head: ["point", "readings", "good", "lowest", "highest", "may read"],
    rows: points.map(({ tag, count, good, lowest, highest, low, high }) => [
      tag,
      String(count),
      String(good),
      shown(lowest),
      shown(highest),
      `${low} to ${high}`,
    ]),
  };
}

const percent = (share: number | undefined): string => `${Math.round(100 * (share ?? 0))} %`;

/** Tags that kept their rate; for runs long enough to tell. */
export function rateRow(agent: Agent, periodsMs: readonly number[], readMs: number): ResultRow {
  const slow = agent.points.filter((point, i) => {
    const due = (readMs - (point.firstMs - (agent.nowMs() - readMs))) / numberAt(periodsMs, i);
    return point.count < readShareMin * Math.floor(due);
  });
  return check("Points read at their rate", {
    measured: slow.length === 0 ? "all" : `slower: ${slow.map(({ tag }) => tag).join(", ")}`,
    asked: `${100 * readShareMin} % of the periods`,
    ok: slow.length === 0,
  });
}
