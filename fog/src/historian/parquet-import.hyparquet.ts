/**
 * The one import of hyparquet: history from elsewhere, one row a tag and minute (or hour), columns tag,
 * at_ms, n, mean, min, max, sd, slope_per_s, in any order of rows.
 */

import assert from "node:assert";
import { create } from "@bufbuild/protobuf";
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from "hyparquet";
import { FogFault } from "../faults.ts";
import type { Historian } from "./historian.ts";
import { emptyPanes, encodePanes, type PaneRow } from "./pane-row.ts";
import type { SiteTags } from "./site-tags.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const columns = ["tag", "at_ms", "n", "mean", "min", "max", "sd", "slope_per_s"] as const;

export interface Imported {
  rows: number;
  tags: number;
  width: "minute" | "hour";
  buckets: number;
  /** Buckets that were not known before. */
  added: number;
}

/** @throws Fault FOG_IMPORT */
export async function importParquet(
  file: string,
  into: { historian: Historian; tags: SiteTags },
): Promise<Imported> {
  const read = await readColumns(file);
  const ids = [...new Set(read.tag)];
  const indices = learnTags(file, ids, into.tags);
  const width = widthOf(file, read.atMs, read.tag);
  const panes = new Map<number, PaneRow>();
  const tagCount = into.tags.rows.length;
  for (let i = 0; i < read.tag.length; i++) {
    const at = f64(read.atMs, i);
    let row = panes.get(at);
    if (!row) {
      row = emptyPanes(tagCount);
      panes.set(at, row);
    }
    const tag = indices.get(elementAt(read.tag, i));
    assert(tag !== undefined);
    row.n[tag] = f64(read.n, i);
    row.mean[tag] = f64(read.mean, i);
    row.min[tag] = f64(read.min, i);
    row.max[tag] = f64(read.max, i);
    row.sd[tag] = f64(read.sd, i);
    row.slope[tag] = f64(read.slope, i);
  }
  const rows = [...panes].map(([atMs, pane]) => ({ atMs, panes: encodePanes(pane) }));
  const added = into.historian.importPanes(rows, width);
  return { rows: read.tag.length, tags: ids.length, width, buckets: rows.length, added };
}

interface Columns {
  tag: string[];
  atMs: Float64Array;
  n: Float64Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
  sd: Float64Array;
  slope: Float64Array;
}

async function readColumns(file: string): Promise<Columns> {
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const length = Number(metadata.num_rows);
    const named = new Map<string, ArrayLike<unknown>[]>();
    await parquetRead({
      file: buffer,
      metadata,
      columns: [...columns],
      onChunk: ({ columnName, columnData }) => {
        named.set(columnName, [...(named.get(columnName) ?? []), columnData]);
      },
    });
    const missing = columns.filter((name) => !named.has(name));
    if (missing.length > 0)
      throw new FogFault("FOG_IMPORT", { file, why: `it has no column ${missing.join(", ")}` });
    const numbers = (name: (typeof columns)[number]): Float64Array => {
      const joined = new Float64Array(length);
      let at = 0;
      for (const part of named.get(name) ?? []) {
        for (let i = 0; i < part.length; i++) joined[at++] = Number(part[i] ?? Number.NaN);
      }
      return joined;
    };
    const tag: string[] = [];
    for (const part of named.get("tag") ?? []) {
      for (let i = 0; i < part.length; i++) tag.push(String(part[i]));
    }
    return {
      tag,
      atMs: numbers("at_ms"),
      n: numbers("n"),
      mean: numbers("mean"),
      min: numbers("min"),
      max: numbers("max"),
      sd: numbers("sd"),
      slope: numbers("slope_per_s"),
    };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new FogFault("FOG_IMPORT", { file, why: (error as Error).message }, { cause: error });
  }
}

/** Gives every tag its site-wide index; what is not known of it yet comes with its edge's birth. */
function learnTags(file: string, ids: readonly string[], tags: SiteTags): Map<string, number> {
  const byEdge = Map.groupBy(ids, (id) => id.slice(0, id.indexOf("/")));
  for (const [edge, own] of byEdge) {
    const fresh = own.filter((id) => tags.find(id) === undefined);
    const described = fresh.map((id) => {
      const [, device, name] = id.split("/");
      if (!device || !name) {
        throw new FogFault("FOG_IMPORT", { file, why: `"${id}" is not "<edge>/<device>/<name>"` });
      }
      return create(TagSchema, { id: `${device}/${name}`, device, name, stage: device });
    });
    const plan = tags.plan(edge, described);
    if (plan) tags.learn(plan);
  }
  return new Map(ids.map((id) => [id, tags.find(id)?.index as number]));
}

/** Buckets are as wide as the smallest step between two of one tag. */
function widthOf(file: string, atMs: Float64Array, tag: readonly string[]): "minute" | "hour" {
  const isOn = (widthMs: number) => atMs.every((at) => at % widthMs === 0);
  if (!isOn(minuteMs)) {
    throw new FogFault("FOG_IMPORT", {
      file,
      why: "at_ms is not the start of a minute in every row",
    });
  }
  if (!isOn(hourMs)) return "minute";
  let stepMs = Number.POSITIVE_INFINITY;
  for (let i = 1; i < atMs.length; i++) {
    if (tag[i] !== tag[i - 1]) continue;
    stepMs = Math.min(stepMs, Math.abs(f64(atMs, i) - f64(atMs, i - 1)));
  }
  return stepMs < hourMs ? "minute" : "hour";
}
