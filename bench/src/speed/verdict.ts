/** The fog's way from a closed window to a verdict on every stage, its scorer in a thread as in the product. */
import { ArtifactKind } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { Bucket } from "@weir/detectors/pane.ts";
import { historyOfBuckets, stageWindowMs } from "@weir/detectors/stage-history.ts";
import { siteModel } from "@weir/firmware-sim/configuration/site-file.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { Detection } from "@weir/fog/detection/detection.ts";
import { threadedScorer } from "@weir/fog/detection/remote-scorer.ts";
import { stageTags } from "@weir/fog/detection/stage-plan.ts";
import type { HistoryReader } from "@weir/fog/historian/history-reader.ts";
import { SiteTags } from "@weir/fog/historian/site-tags.ts";
import { journalMigrations } from "@weir/fog/store.ts";
import { MinuteWindows } from "@weir/fog/windows/minute-windows.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { Bench } from "../bench.ts";
import { quantileCells, quantileColumns, quantileOf } from "./quantile-cells.ts";
import { births, edges, liveMinute, liveThrough } from "./verdict-works.ts";

/** Of all stages of a plant, once a minute. */
const budgetMs = 50;
const seed = 1;
const minuteMs = 60_000;
/** Until every window is full. */
const warmUpMinutes = 6;

/** The fog's detection on tags and windows of its own, without models; verdicts go to `counted`. */
function watchOf(all: ReturnType<typeof births>) {
  const site = { ...siteModel(waterWorks), pack: builtinPack("water") };
  const tags = new SiteTags(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: journalMigrations }),
    site,
  );
  for (const edge of edges) {
    const plan = tags.plan(edge, all[edge].tags);
    if (plan) tags.learn(plan);
  }
  const onEnd = (reason: string): never => {
    throw new Error(reason);
  };
  const scorer = threadedScorer({ seed, onEnd });
  const trainer = threadedScorer({ seed, onEnd });
  const counted = { verdicts: 0 };
  const detection = new Detection({
    site,
    tags,
    // Its models are learned here from the same rows and handed in as artifacts.
    reader: undefined as unknown as HistoryReader,
    scorer,
    trainer,
    clock: systemClock(),
    logger: silentLogger,
    onVerdict: () => {
      counted.verdicts++;
    },
  });
  return { site, tags, trainer, detection, counted };
}

type Watch = ReturnType<typeof watchOf>;

/** Seconds for all of `stages`. */
async function learn(
  { site, tags, trainer, detection }: Watch,
  stages: readonly string[],
  minutes: ReadonlyMap<string, Bucket[]>,
): Promise<number> {
  const startedMs = performance.now();
  for (const stage of stages) {
    const columns = stageTags(site, tags.rows, stage);
    const buckets = columns.map(({ id }) => minutes.get(id) ?? []);
    const history = historyOfBuckets(columns, buckets, {
      bucketMs: minuteMs,
      windowMs: stageWindowMs,
    });
    const trained = await trainer.train({ stage, zone: "UTC", history, hours: undefined });
    if (!trained.ok) throw new Error(`${stage}: ${trained.reason}`);
    const activation = await detection.activate({
      name: `forest/${stage}`,
      version: 1,
      kind: ArtifactKind.FOREST,
      stage,
      payload: trained.onnx,
    });
    if (!activation.ok) throw new Error(`${stage}: ${activation.reason}`);
  }
  await trainer.close();
  return (performance.now() - startedMs) / 1_000;
}

export const bench: Bench = {
  name: "verdict",
  about: "fog: window closed → verdict on every stage",
  async run({ smoke, report }) {
    // The scorer's threads keep no process alive.
    const alive = setInterval(() => {}, minuteMs);
    const liveMinutes = smoke ? 5 : 300;
    const days = smoke ? 0.55 : 1;
    const { plant, minutes } = await liveThrough(days);
    const all = births();
    const watch = watchOf(all);
    const { site, tags, detection, counted } = watch;
    const stages = site.stages.map(({ id }) => id).slice(0, smoke ? 3 : undefined);
    const learnedS = await learn(watch, stages, minutes);
    const closedMs: number[] = [];
    const windows = new MinuteWindows({
      indexOf: (id) => tags.find(id)?.index ?? -1,
      onMinute: (endMs) => {
        closedMs.push(performance.now());
        detection.onMinute(endMs);
      },
    });
    detection.attach(windows);
    for (const edge of edges) windows.onBirth(edge, all[edge]);
    const tookMs: number[] = [];
    for (let minute = 0; minute < warmUpMinutes + liveMinutes; minute++) {
      const columns = liveMinute(plant, all);
      for (const edge of edges) windows.onReadings(edge, columns[edge], false);
      const startedMs = closedMs.pop();
      await detection.settled();
      if (startedMs === undefined || minute < warmUpMinutes) continue;
      tookMs.push(performance.now() - startedMs);
    }
    await detection.close();
    clearInterval(alive);
    report.table(
      `${stages.length} stages, ${tags.rows.length} tags, ${tookMs.length} windows: closed → last verdict, ms`,
      quantileColumns,
      [quantileCells(tookMs, 2)],
    );
    const p99 = quantileOf(Float64Array.from(tookMs).sort(), 0.99);
    report.line(
      `p99 ${p99.toFixed(1)} ms of at most ${budgetMs} ms; ${counted.verdicts} verdicts. ` +
        `The models were learned on ${days} d of minutes in ${learnedS.toFixed(0)} s, ` +
        `${((1_000 * learnedS) / stages.length).toFixed(0)} ms a stage, in a thread of their own.`,
    );
  },
};
