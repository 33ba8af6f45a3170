/** Sites that nobody has heard of: other stages, other names, hours of history instead of weeks, hundreds of stages. */

import { create } from "@bufbuild/protobuf";
import type { SiteLearning } from "@weir/contracts/api/cloud.ts";
import { PullRequestSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, onTestFinished, test } from "vitest";
import { type Cloud, createCloud } from "../src/cloud.ts";
import { CloudFault } from "../src/faults.ts";
import { openDuckdbFiles } from "../src/historian/history-files.duckdb.ts";
import { emptyTable, pushRow } from "../src/historian/history-table.ts";
import { dayMs, hourMs, minuteMs } from "../src/limits.ts";
import { inlineRunner } from "../src/trainer/runner.inline.ts";
import type { TrainingRunner } from "../src/trainer/training-task.ts";
import { type FeedTag, item, minuteBody, modelBody, push, site, tagsBody } from "./site-feed.ts";
import { temporaryDir } from "./temporary-dir.ts";

const nowMs = Date.UTC(2026, 5, 2, 5);

/** A tag without a kind: an installer who knows what his stages are called and no more. */
const tagOf = (stage: string, name: string): FeedTag => ({
  ...{ id: `gateway/${stage}/${name}`, kind: "", unit: "", periodMs: 10_000, resolution: 0.001 },
});
const stageOf = (id: string) => ({ id, name: id, line: "A", upstream: [], equipment: "" });
const modelOf = (stages: readonly string[]): SiteModel => ({
  site: { id: site, name: "A mill", tz: "Europe/Vienna" },
  lines: [{ id: "A", name: "Line A" }],
  stages: stages.map(stageOf),
  kpis: [],
});

async function open(
  dataDir: string,
  change: { runner?: TrainingRunner; plant?: SimulatedClock } = {},
): Promise<Cloud> {
  const plant = change.plant ?? new SimulatedClock(nowMs);
  const cloud = await createCloud({
    ...{ dataDir, plant, io: plant, logger: silentLogger },
    runner: change.runner ?? inlineRunner,
    training: { automatic: true, include: [], exclude: [], epochCount: 1, seed: 1 },
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

/** A file of `hours` of history of these tags that ends now. */
async function history(
  dir: string,
  tags: readonly FeedTag[],
  { hours, bucketMs }: { hours: number; bucketMs: number },
): Promise<string> {
  const table = emptyTable();
  const count = (hours * hourMs) / bucketMs;
  for (const { id } of [...tags].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (let i = 0; i < count; i++) {
      const atMs = nowMs - (count - i) * bucketMs;
      const mean = 5 + Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs) + 0.1 * ((i * 7_919) % 13);
      const row = { n: bucketMs / 10_000, min: mean - 1, max: mean + 1, sd: 0.3, slopePerS: 0 };
      pushRow(table, { tag: id, atMs, mean, ...row });
    }
  }
  const file = `${dir}/history-${hours}-${bucketMs}.parquet`;
  const files = await openDuckdbFiles();
  await files.writeTable(file, table, { base: undefined, merge: "best" });
  files.close();
  return file;
}

const learning = async (cloud: Cloud): Promise<SiteLearning> => {
  const [view] = await cloud.planner.views(cloud.trainer.progress());
  return view as SiteLearning;
};

test("TANK1, TANK2 and PUMP are all learned; what cannot be says why; models travel down", async () => {
  const dir = temporaryDir();
  const cloud = await open(dir);
  const tags = [
    ...["TANK1", "TANK2"].flatMap((stage) => [tagOf(stage, "LEVEL"), tagOf(stage, "TEMP")]),
    tagOf("PUMP", "CURRENT"),
    tagOf("NEW", "LEVEL"),
  ];
  const known = tags.filter(({ id }) => !id.includes("/NEW/"));
  cloud.start();
  await cloud.importFiles(site, [
    await history(dir, known, { hours: 28 * 24, bucketMs: hourMs }),
    await history(dir, known, { hours: 30, bucketMs: minuteMs }),
  ]);
  await cloud.door.push(
    push([
      item(1, modelBody(modelOf(["TANK1", "TANK2", "PUMP", "NEW", "SPARE"]))),
      item(2, tagsBody(tags)),
    ]),
    site,
  );
  await cloud.settled({ training: true });
  const view = await learning(cloud);
  expect(view).toMatchObject({
    ...{ learned: 3, total: 5, current: null, next: null },
    text: "3 of 5 stages learned",
    learner: { state: "idle" },
  });
  expect(view.stages.map(({ stage, state, reason }) => `${stage} ${state}: ${reason}`)).toEqual([
    "NEW waiting: no reading has come of LEVEL",
    "SPARE cannot: no tag belongs to it; give its tags this stage",
    "TANK1 learned: autoencoder and forest learned",
    "TANK2 learned: autoencoder and forest learned",
    "PUMP learned: autoencoder and forest learned",
  ]);
  expect(cloud.fleetView().sites[0]).toMatchObject({
    tz: "Europe/Vienna",
    learning: { learned: 3, total: 5 },
  });
  const pull = create(PullRequestSchema, { site, cursor: 0, waitMs: 0 });
  expect((await cloud.door.pull(pull, site)).items.length).toBeGreaterThanOrEqual(6);
});

test("a site with hours of data is told when it can be learned, and then it is", async () => {
  const dir = temporaryDir();
  const plant = new SimulatedClock(nowMs);
  const cloud = await open(dir, { plant });
  const tags = [tagOf("PUMP", "CURRENT")];
  cloud.start();
  const feed = async (first: number, hours: number) => {
    for (let h = 0; h < hours; h++) {
      const hour = first + h;
      const items = Array.from({ length: 60 }, (_, m) => {
        const startMs = nowMs - 9 * hourMs + hour * hourMs + m * minuteMs;
        const value = (_: FeedTag, atMs: number) => 5 + ((atMs / 10_000) % 17) / 10;
        return item(3 + 60 * hour + m, minuteBody(startMs, { tags, value }));
      });
      await cloud.door.push(push(items), site);
    }
  };
  await cloud.door.push(
    push([item(1, modelBody(modelOf(["PUMP"]))), item(2, tagsBody(tags))]),
    site,
  );
  await feed(0, 9);
  await cloud.settled({ training: true });
  const [waiting] = (await learning(cloud)).stages;
  expect(waiting).toMatchObject({
    state: "waiting",
    reason: "9 h of history, 24 h wanted",
    whenMs: nowMs + 15 * hourMs,
  });
  await feed(9, 15);
  await plant.advance(15 * hourMs + minuteMs);
  await cloud.settled({ training: true });
  const [learned] = (await learning(cloud)).stages;
  expect(learned).toMatchObject({
    state: "learned",
    reason: "forest learned; autoencoder: 24 h of history, 21 d wanted",
  });
});

test("five hundred stages wait in no queue: one at a time, and a killed cloud goes on with the next", async () => {
  const dir = temporaryDir();
  const names = Array.from({ length: 500 }, (_, i) => `L${String(i).padStart(3, "0")}`);
  const tags = names.map((stage) => tagOf(stage, "TEMP"));
  /** Takes two jobs, then never answers: as a worker does when the machine goes down. */
  let started: string[] = [];
  const runner: TrainingRunner = {
    run: async (task, { signal }) => {
      if (task.kind === "thresholds") return fakeTrained;
      started.push(task.stage);
      if (started.length <= 2) return fakeTrained;
      return new Promise((_, reject) => signal.addEventListener("abort", reject));
    },
  };
  const first = await open(dir, { runner });
  first.start();
  await first.importFiles(site, [await history(dir, tags, { hours: 24 * 22, bucketMs: hourMs })]);
  await first.door.push(push([item(1, tagsBody(tags))]), site);
  while (started.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const view = await learning(first);
  expect(view).toMatchObject({ learned: 2, total: 500, current: started[2] });
  expect(view.next).not.toBeNull();
  expect(first.trainings.waitingCount()).toBe(1);
  const before = started;
  started = [];
  first.kill();
  const second = await open(dir, { runner });
  second.start();
  while (started.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  // The one that was being learned again, then others; none of those that were done.
  expect(started[0]).toBe(before[2]);
  expect(started.filter((stage) => before.slice(0, 2).includes(stage))).toEqual([]);
  expect((await learning(second)).learned).toBe(4);
});

const fakeTrained = {
  payload: new Uint8Array([1]),
  mediaType: "application/onnx" as const,
  threshold: 1,
  sampleCount: 1,
  backend: "",
  samplesPerSecond: null,
  loss: [],
  validationLoss: [],
  metrics: { threshold: 1, heldOutError: 0.5, heldOutAlarmShare: 0 },
  words: "",
};

test("a worker that dies is told, and the next stage is learned all the same", async () => {
  const dir = temporaryDir();
  const tags = ["TANK1", "TANK2"].map((stage) => tagOf(stage, "TEMP"));
  const states: string[] = [];
  const runner: TrainingRunner = {
    run: async (task) => {
      const { state, reason } = cloud.trainer.progress().learner;
      states.push(`${state} ${reason}`);
      if (task.kind !== "thresholds" && task.stage === "TANK1") {
        throw new CloudFault("CLOUD_TRAINING_STOPPED", { why: "the worker ended with code 137" });
      }
      return fakeTrained;
    },
  };
  const cloud: Cloud = await open(dir, { runner });
  await cloud.importFiles(site, [await history(dir, tags, { hours: 24 * 22, bucketMs: hourMs })]);
  cloud.start();
  await cloud.door.push(push([item(1, tagsBody(tags))]), site);
  await cloud.settled({ training: true });
  const view = await learning(cloud);
  expect(view.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual([
    "TANK1 waiting",
    "TANK2 learned",
  ]);
  expect(view.stages[0]?.reason).toContain("the worker ended with code 137");
  expect(states.at(-1)).toContain("TANK2");
});
