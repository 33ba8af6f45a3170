/** A stage that follows the working day of its site is judged alike before and after the clocks change. */
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { describe, expect, test } from "vitest";
import { seeded } from "../test/seeded.ts";
import type { StageHistory, StageRow } from "./stage-history.ts";
import { scoreStage } from "./stage-model.ts";
import { stageModelFromOnnx, stageModelToOnnx } from "./stage-model-onnx.ts";
import { trainStageModel } from "./stage-training.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const zone = "Europe/Vienna";
const tags = ["power", "pressure"].map((kind) => ({ id: kind, kind, stage: "HALL", own: true }));

/** Power follows the hour on the wall; pressure does not. */
function plantAt(atMs: number, noise: () => number) {
  const hour = (siteTimeOf(zone).localMs(atMs) % dayMs) / hourMs;
  const power = 50 + 20 * Math.sin((2 * Math.PI * (hour - 6)) / 24) + 0.5 * noise();
  return [power, 7 + 0.05 * noise()];
}

function historyOf(fromMs: number, days: number, noise: () => number): StageHistory {
  const rowCount = (days * dayMs) / (5 * minuteMs);
  const atMs = Float64Array.from({ length: rowCount }, (_, row) => fromMs + row * 5 * minuteMs);
  const rows = Array.from(atMs, (at) => plantAt(at, noise));
  const column = (tag: number) => Float64Array.from(rows, (row) => row[tag] ?? Number.NaN);
  const flat = (value: number) => tags.map(() => new Float64Array(rowCount).fill(value));
  return {
    tags,
    rowCount,
    atMs,
    mean: tags.map((_, t) => column(t)),
    sd: flat(0.3),
    slope: flat(0),
  };
}

/** Mean distance over the day that begins at `fromMs`. */
function meanDistance(
  model: Parameters<typeof scoreStage>[0],
  fromMs: number,
  noise: () => number,
) {
  let sum = 0;
  let count = 0;
  for (let atMs = fromMs; atMs < fromMs + dayMs; atMs += 15 * minuteMs) {
    const row: StageRow = { atMs, mean: plantAt(atMs, noise), sd: [0.3, 0.3], slope: [0, 0] };
    sum += scoreStage(model, row).distance;
    count += 1;
  }
  return sum / count;
}

describe.each([
  {
    change: "spring, a day of 23 hours",
    fromMs: Date.parse("2026-03-14T00:00:00Z"),
    afterMs: Date.parse("2026-03-31T00:00:00Z"),
  },
  {
    change: "autumn, a day of 25 hours",
    fromMs: Date.parse("2026-10-10T00:00:00Z"),
    afterMs: Date.parse("2026-10-27T00:00:00Z"),
  },
])("$change", ({ fromMs, afterMs }) => {
  const random = seeded(5);
  const noise = () => random.gaussian() / 2;
  const history = historyOf(fromMs, 12, noise);
  const model = trainStageModel(history, { stage: "HALL", zone, treeCount: 20 }, random);
  const inUtc = trainStageModel(history, { stage: "HALL", zone: "UTC", treeCount: 20 }, seeded(5));

  test("the days after it are as usual as those before it", () => {
    const before = meanDistance(model, fromMs + 13 * dayMs, noise);
    expect(meanDistance(model, afterMs, noise)).toBeLessThan(1.2 * before);
    // What the test would see if the model went by UTC.
    expect(meanDistance(inUtc, afterMs, noise)).toBeGreaterThan(1.5 * before);
  });

  test("the zone travels with the model; one without it keeps the day in which it learned", () => {
    const read = stageModelFromOnnx(stageModelToOnnx(model));
    expect(read).toMatchObject({ ok: true, model: { zone } });
    const { zone: _, ...old } = inUtc;
    const asBefore = { ...old, format: "weir-stage-model-1" } as never;
    const readOld = stageModelFromOnnx(stageModelToOnnx(asBefore));
    expect(readOld).toMatchObject({ ok: true, model: { zone: "UTC" } });
    expect(stageModelFromOnnx(stageModelToOnnx({ ...model, zone: "Mars/Olympus" }))).toMatchObject({
      ok: false,
    });
  });
});
