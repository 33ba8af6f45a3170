/** The past is read in a thread of its own, and what it says is what reading it here would say. */
import { join } from "node:path";
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DayFiles } from "../src/historian/day-files.ts";
import { dayFolder } from "../src/historian/day-folder.node.ts";
import { answer } from "../src/historian/history-answers.ts";
import type { HistoryQueries, Question, SeriesQuestion } from "../src/historian/history-query.ts";
import { historyThread } from "../src/historian/history-query-thread.ts";
import { HistoryReader } from "../src/historian/history-reader.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const minute = 60_000;
const tags = ["edge-d/D11/CL01", "edge-d/D11/none"];
let rig: FogRig;
let thread: HistoryQueries;
const lost: string[] = [];

beforeAll(async () => {
  rig = await new FogRig().start();
  const edge = new FakeEdge("edge-d");
  const session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
  for (let i = 0; i < 130; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(minute);
    const valueAt = (tag: number, atMs: number) => tag + Math.sin(atMs / 3e5);
    await session.publish("blocks", edge.blocks(seconds(fromMs, 60), { valueAt }));
  }
  // The last minutes are still open when the questions come.
  expect(rig.fog.core.historian.openMinutes).toBeGreaterThan(0);
});
afterAll(() => rig.stop());

beforeEach(() => {
  lost.length = 0;
  thread = historyThread({
    dataDir: rig.folder,
    ioClock: systemClock(),
    openTag: (id) => rig.fog.core.historian.openTag(id),
    onLost: (why) => lost.push(why),
  });
});
afterEach(() => thread.close());

/** The same reading in this thread, over the same folder. */
function readerHere(): HistoryReader {
  const { historian, tags: siteTags } = rig.fog.core;
  const openOf = (index: number) => historian.openTag(siteTags.rows[index]?.id ?? "");
  return new HistoryReader({
    days: new DayFiles({
      folder: dayFolder(join(rig.folder, "history")),
      nowMs: () => 0,
      onDamaged: (day) => expect.unreachable(`${day} is damaged`),
    }),
    book: {
      columnsOf: (index) => openOf(index)?.columns ?? [],
      panesOf: (index) => openOf(index)?.panes ?? [],
    },
    tags: siteTags,
    decodeMax: 1_000,
  });
}

const series = (fromMs: number, toMs: number, buckets: number): SeriesQuestion => ({
  ...{ kind: "series", tags, fromMs, toMs, buckets },
});

test("any question is answered as it would be here, open minutes included", async () => {
  const random = seeded(3);
  const nowMs = rig.clock.nowMs();
  const spans = Array.from({ length: 25 }, (): Question => {
    const fromMs = startMs - minute + random.integer(100) * minute;
    const toMs = fromMs + 1 + random.integer(nowMs - fromMs);
    return series(fromMs, toMs, 1 + random.integer(400));
  });
  const bands: Question = { kind: "bands", tags, fromMs: startMs, toMs: nowMs };
  for (const question of [...spans, series(startMs, nowMs, 2_000), bands]) {
    const here = answer(readerHere(), question);
    expect(await thread.ask(question)).toEqual(here);
  }
  const usual = await thread.ask({ ...bands });
  expect(usual).toEqual([expect.objectContaining({ low: expect.any(Number) }), undefined]);
});

test("a question that breaks it is refused, and the next one is answered", async () => {
  const broken = { ...series(startMs, startMs + minute, 10), buckets: 2 ** 40 };
  await expect(thread.ask(broken)).rejects.toMatchObject({ code: "FOG_HISTORY_SILENT" });
  const good = series(startMs, startMs + minute, 10);
  expect(await thread.ask(good)).toEqual(answer(readerHere(), good));
});

test("more questions than may wait are told when to come again; those taken back are not asked", async () => {
  const gone = new AbortController();
  const all = Array.from({ length: 80 }, (_, i) =>
    thread.ask(series(startMs, rig.clock.nowMs(), 100 + i), i === 20 ? gone.signal : undefined),
  );
  gone.abort();
  const settled = await Promise.allSettled(all);
  const codes = settled.map((one) =>
    one.status === "fulfilled" ? "answered" : (one.reason as { code: string }).code,
  );
  expect(codes.filter((code) => code === "answered")).toHaveLength(64);
  expect(codes[20]).toBe("FOG_HISTORY_SILENT");
  expect(codes.filter((code) => code === "FOG_HISTORY_BUSY")).toHaveLength(15);
});

test("a fog that stops refuses what is asked", async () => {
  const asked = thread.ask(series(startMs, rig.clock.nowMs(), 100));
  const refused = expect(asked).rejects.toMatchObject({ code: "FOG_HISTORY_SILENT" });
  await thread.close();
  await refused;
  expect(lost).toEqual([]);
});
