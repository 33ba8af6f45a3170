/** Learning a site that nobody has heard of, over a history made by hand. */
import { create } from "@bufbuild/protobuf";
import { TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, onTestFinished, test } from "vitest";
import { FogFault } from "../faults.ts";
import type { HistoryReader, HistoryRow } from "../historian/history-reader.ts";
import type { SiteTagRow } from "../historian/site-tags.ts";
import type { RunningModel } from "./detection.ts";
import { SiteLearning } from "./site-learning.ts";

const startMs = Date.UTC(2026, 5, 2);
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface StageSetup {
  /** History up to the start, milliseconds. */
  pastMs?: number;
  /** Readings go on after the start. */
  isLive?: boolean;
  /** Without `isLive`: its last reading came so long before the start, milliseconds. */
  endedMs?: number;
  /** Its edge has told of its tags. */
  isBorn?: boolean;
  /** Values of the last day are higher by this. */
  shift?: number;
  /** No tag belongs to it. */
  isBare?: boolean;
}

function openSite(
  setup: Record<string, StageSetup>,
  teach: (stage: string) => { ok: true } | { ok: false; reason: string } | Error = () => ({
    ok: true,
  }),
) {
  const clock = new SimulatedClock(startMs);
  const io = new SimulatedClock(0);
  const names = Object.keys(setup);
  const rows: SiteTagRow[] = names
    .filter((name) => !setup[name]?.isBare)
    .map((name, index) => ({
      ...{ index, id: `gateway/${name}/LEVEL`, edge: "gateway" },
      measures: {} as SiteTagRow["measures"],
      tag: create(TagSchema, {
        ...{ index, name: "LEVEL", stage: name },
        periodMs: setup[name]?.isBorn === false ? 0 : 1_000,
      }),
    }));
  const hasReading = (id: string, atMs: number) => {
    const own = setup[id.split("/")[1] ?? ""] ?? {};
    const { pastMs = 10 * dayMs, isLive = true, endedMs = 0 } = own;
    const isPast = atMs < startMs - endedMs;
    return atMs >= startMs - pastMs && (isLive || isPast) && atMs < clock.nowMs();
  };
  const read = function* (
    ids: readonly string[],
    { fromMs, toMs, widthMs }: { fromMs: number; toMs: number; widthMs: number },
  ): Generator<HistoryRow> {
    for (
      let atMs = Math.ceil(fromMs / widthMs) * widthMs;
      atMs + widthMs <= toMs;
      atMs += widthMs
    ) {
      const n = Uint32Array.from(ids, (id) => (hasReading(id, atMs) ? 60 : 0));
      const mean = Float32Array.from(ids, (id) => {
        const { shift = 0 } = setup[id.split("/")[1] ?? ""] ?? {};
        return 5 + Math.sin(atMs / hourMs) + (atMs >= startMs - dayMs ? shift : 0);
      });
      yield { atMs, n, mean, min: mean, max: mean, sd: mean, slope: mean };
    }
  };
  const reader = {
    hours: (ids: readonly string[], fromMs: number, toMs: number) =>
      read(ids, { fromMs, toMs, widthMs: hourMs }),
    minutes: (ids: readonly string[], fromMs: number, toMs: number) =>
      read(ids, { fromMs, toMs, widthMs: minuteMs }),
  } as unknown as HistoryReader;
  const models = new Map<string, RunningModel>();
  const taught: string[] = [];
  const site = {
    site: { id: "mill", name: "A mill", tz: "Europe/Vienna" },
    lines: [],
    stages: names.map((id) => ({ id, name: id, line: "A", upstream: [], equipment: "" })),
    kpis: [],
  } as SiteModel;
  const rests: number[] = [];
  const learning = new SiteLearning({
    ...{ site, reader, clock, ioClock: io, logger: silentLogger, tags: { current: rows } },
    detection: {
      model: (stage) => models.get(stage),
      teach: async (stage) => {
        taught.push(stage);
        const answer = teach(stage);
        if (answer instanceof Error) throw answer;
        const facts = { tags: [], trainedOn: "3 d", hysteresis: {} } as never;
        if (answer.ok)
          models.set(stage, { name: stage, version: 0, facts, sinceMs: clock.nowMs() });
        return answer;
      },
    },
    openIncidents: () => new Set(),
    rest: async () => void rests.push(taught.length),
    onCaughtUp: () => {},
  });
  const stop = new AbortController();
  const running = learning.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await io.advance(2_000);
    await running;
  });
  /** The plant's time passes, and the learner gets to look. */
  const pass = async (ms: number) => {
    await clock.advance(ms);
    for (let i = 0; i < 4; i++) await io.advance(5_000);
  };
  return { learning, taught, rests, pass, rows, clock };
}

test("most usable data first, of equal ones what has gone furthest from its past; the rest says why and when", async () => {
  const { learning, taught, rests, pass } = openSite({
    PUMP: { pastMs: 2 * dayMs },
    TANK1: {},
    TANK2: { shift: 5 },
    YOUNG: { pastMs: 9 * hourMs },
    GONE: { pastMs: 0, isLive: false },
    SPARE: { isBare: true },
    WEST: { isBorn: false },
  });
  await pass(0);
  expect(taught).toEqual(["TANK2", "TANK1", "PUMP"]);
  expect(rests).toEqual([3]);
  const view = learning.view();
  expect(view).toMatchObject({
    ...{ learned: 3, total: 7, current: null, next: null, tz: "Europe/Vienna" },
    text: "3 of 7 stages learned",
    learner: { state: "idle" },
  });
  const told = Object.fromEntries(
    view.stages.map(({ stage, state, reason, whenMs }) => [stage, { state, reason, whenMs }]),
  );
  expect(told).toMatchObject({
    TANK1: { state: "learned", reason: "learned here: 3 d" },
    YOUNG: {
      ...{ state: "waiting", reason: "9 h of history, 12 h wanted", whenMs: startMs + 3 * hourMs },
    },
    GONE: { state: "waiting", reason: "no minute of LEVEL is in the history yet", whenMs: null },
    SPARE: { state: "cannot", reason: "no tag belongs to it" },
    WEST: { state: "waiting", reason: "gateway has not told of its tags yet" },
  });
  // It is learned when its time has come, without a restart.
  await pass(3 * hourMs + 30 * minuteMs);
  expect(taught.at(-1)).toBe("YOUNG");
  expect(learning.stage("YOUNG")).toMatchObject({ state: "learned" });
  expect(learning.stage("NOWHERE")).toBeUndefined();
});

test("a stage whose readings have stopped has no date, and says since when", async () => {
  const { learning, pass } = openSite({ PRESS: { pastMs: 5 * hourMs, isLive: false } });
  await pass(2 * hourMs);
  expect(learning.stage("PRESS")).toMatchObject({
    state: "waiting",
    reason: "5 h of history, 12 h wanted; no reading of it since 2026-06-02 02:00 +02:00",
    whenMs: null,
  });
});

test("readings that stopped within an hour stopped at their minute, not at its end", async () => {
  const ended = { isLive: false, endedMs: 18 * minuteMs };
  const { learning, pass } = openSite({ PRESS: { pastMs: 5 * hourMs, ...ended } });
  await pass(2 * hourMs);
  const since = "no reading of it since 2026-06-02 01:42 +02:00";
  expect(learning.stage("PRESS")?.reason).toContain(since);
});

test("a learner that dies is told, started again, and costs the other stages nothing", async () => {
  let deaths = 2;
  const { learning, taught, pass } = openSite({ TANK1: {}, TANK2: {} }, (stage) =>
    stage === "TANK1" && deaths-- > 0
      ? new FogFault("FOG_SCORER_ENDED", { reason: "the process ended with code 137" })
      : { ok: true },
  );
  await pass(0);
  await pass(0);
  expect(taught).toEqual(["TANK1", "TANK2", "TANK1", "TANK1"]);
  expect(learning.view()).toMatchObject({ learned: 2, learner: { state: "idle" } });
});

test("a stage that kills its learner again and again is left alone for an hour, and says so", async () => {
  const { learning, taught, pass } = openSite(
    { TANK1: {} },
    () => new FogFault("FOG_SCORER_ENDED", { reason: "the process ended with code 137" }),
  );
  await pass(0);
  await pass(0);
  expect(taught).toHaveLength(3);
  expect(learning.stage("TANK1")).toMatchObject({
    state: "waiting",
    reason: expect.stringContaining("code 137"),
    whenMs: expect.any(Number),
  });
  expect(learning.view().learner).toMatchObject({
    state: "stopped",
    reason: expect.stringContaining("TANK1"),
  });
  await pass(hourMs);
  expect(taught.length).toBeGreaterThan(3);
});

test("five hundred stages: all are learned in turn, and a view is cheap in between", async () => {
  const stages = Array.from({ length: 500 }, (_, i) => [`L${i}`, {}] as const);
  const { learning, taught, pass } = openSite(Object.fromEntries(stages));
  await pass(0);
  expect(new Set(taught).size).toBe(500);
  expect(learning.view()).toMatchObject({ learned: 500, total: 500 });
});
