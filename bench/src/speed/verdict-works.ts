/** The simulated works as a fog knows it: its site, its tags as the edges announce them, its past and its present. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { elementAt, f64, i32 } from "@weir/contracts/elements.ts";
import { type Birth, BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Bucket } from "@weir/detectors/pane.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { tagTable } from "@weir/edge/control/tag-table.ts";
import { writeConfiguration } from "@weir/firmware-sim/configuration/write-configuration.ts";
import { createPlant, type Plant } from "@weir/firmware-sim/create-plant.ts";
import { recordHistory } from "@weir/firmware-sim/history/record-history.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { quietScenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { formatProblems } from "@weir/runtime/problem.ts";

export const edges = ["edge-w", "edge-d"] as const;
export type Edge = (typeof edges)[number];
const minuteMs = 60_000;

/** What each edge says when it connects. */
export function births(): Record<Edge, Birth> {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  writeConfiguration({
    plant: waterWorks,
    outDir: folder,
    host: "127.0.0.1",
    ports: new Map(),
    identityDir: ".",
  });
  const birthOf = (edge: Edge): Birth => {
    const loaded = loadConfiguration(join(folder, `${edge}.yaml`));
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    return create(BirthSchema, { tags: tagTable(loaded.configuration).tags });
  };
  const both = { "edge-w": birthOf("edge-w"), "edge-d": birthOf("edge-d") };
  rmSync(folder, { recursive: true });
  return both;
}

/** A plant at its start, and its past in minutes by site-wide tag id. */
export async function liveThrough(
  days: number,
): Promise<{ plant: Plant; minutes: Map<string, Bucket[]> }> {
  const plant = createPlant({
    plant: waterWorks,
    seed: 7,
    scenario: quietScenario,
    historyDays: days,
  });
  const { minutes: columns } = await recordHistory(plant, { fineDays: days });
  const minutes = new Map<string, Bucket[]>();
  for (let row = 0; row < columns.tag.length; row++) {
    const tag = elementAt(columns.tag, row);
    const buckets = minutes.get(tag) ?? [];
    minutes.set(tag, buckets);
    buckets.push({
      atMs: f64(columns.atMs, row),
      lengthMs: minuteMs,
      count: i32(columns.n, row),
      mean: f64(columns.mean, row),
      sd: f64(columns.sd, row),
      slope: f64(columns.slopePerS, row),
      min: f64(columns.min, row),
      max: f64(columns.max, row),
    });
  }
  return { plant, minutes };
}

/** Lives on for a minute; what each edge read in it, by the indices of its birth. */
export function liveMinute(plant: Plant, all: Record<Edge, Birth>): Record<Edge, BlockColumn[]> {
  const times: number[][] = waterWorks.sensors.map(() => []);
  const values: number[][] = waterWorks.sensors.map(() => []);
  plant.onSample((sensor, value, atMs) => {
    times[sensor]?.push(atMs);
    values[sensor]?.push(value);
  });
  plant.advanceTo(plant.nowMs + minuteMs);
  plant.onSample(undefined);
  const columnsOf = (edge: Edge): BlockColumn[] => {
    const indices = new Map(all[edge].tags.map((tag) => [`${edge}/${tag.id}`, tag.index]));
    return waterWorks.sensors.flatMap(({ siteId }, sensor): BlockColumn[] => {
      const tag = indices.get(siteId);
      const timesMs = Float64Array.from(times[sensor] ?? []);
      if (tag === undefined || timesMs.length === 0) return [];
      const qualities = new Uint8Array(timesMs.length).fill(Quality.GOOD);
      return [{ tag, timesMs, values: Float64Array.from(values[sensor] ?? []), qualities }];
    });
  };
  return { "edge-w": columnsOf("edge-w"), "edge-d": columnsOf("edge-d") };
}
