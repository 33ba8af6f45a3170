/** What ingest holds in memory of each edge: its tag tables, its link, its counts. */

import { fromBinary } from "@bufbuild/protobuf";
import type { BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { i32 } from "@weir/contracts/elements.ts";
import {
  type Birth,
  BirthSchema,
  type EdgeStatus,
  EdgeStatusSchema,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import type { EdgeLink } from "./ingested.ts";
import { RateMeter, SkewMeter } from "./link-meters.ts";

/** Tag tables of one edge in memory, and tags in all of them together. */
const tablesMax = 200;
const tableTagsMax = 100_000;

/** One tag table of an edge, ready for decoding. */
export interface EdgeDictionary {
  epoch: number;
  birth: Birth;
  block: BlockDictionary;
  /** Site-wide index by index of this table. */
  site: Int32Array;
  /** Index in the newest birth, −1 when that no longer names the tag; `undefined`: the same table. */
  newest: Int32Array | undefined;
}

export class EdgeRecord {
  readonly edge: string;
  readonly skew = new SkewMeter();
  readonly readingRate = new RateMeter();
  readonly byteRate = new RateMeter();
  online = false;
  /** Its session with the broker is open. */
  connected = false;
  birth: Birth | undefined;
  status: EdgeStatus | undefined;
  lastSeenMs = 0;
  stored = 0;
  /** Batches that wait for their birth, and their bytes. */
  waiting = 0;
  waitingBytes = 0;
  #tables: EdgeDictionary[] = []; // oldest first

  constructor(edge: string) {
    this.edge = edge;
  }

  /** `birth` becomes the newest table. */
  adopt(birth: Birth, tags: SiteTags): void {
    const table: EdgeDictionary = {
      epoch: birth.epoch,
      birth,
      block: makeDictionary(
        birth.tags.map((t) => ({ resolution: t.resolution, periodMs: t.periodMs })),
      ),
      site: Int32Array.from(birth.tags, (t) => tags.find(`${this.edge}/${t.id}`)?.index ?? -1),
      newest: undefined,
    };
    const same = (t: EdgeDictionary) =>
      t.epoch === birth.epoch &&
      t.birth.incarnation === birth.incarnation &&
      t.block.hash === table.block.hash;
    this.#tables = withinBounds([...this.#tables.filter((t) => !same(t)), table]);
    this.birth = birth;
    tags.announced(this.edge, birth);
    const positions = new Map(birth.tags.map((t, index) => [t.id, index]));
    for (const old of this.#tables.slice(0, -1)) {
      old.newest = Int32Array.from(old.birth.tags, (t) => positions.get(t.id) ?? -1);
    }
  }

  /** The table a block was written with: of that very boot if known, else the newest that fits. */
  table(
    { epoch, incarnation }: Pick<Birth, "epoch" | "incarnation">,
    hash: number,
  ): EdgeDictionary | undefined {
    const fitting = this.#tables.filter((t) => t.block.hash === hash);
    const ofBoot = fitting.filter((t) => t.epoch === epoch);
    return (
      ofBoot.findLast((t) => t.birth.incarnation === incarnation) ?? ofBoot.at(-1) ?? fitting.at(-1)
    );
  }

  link(nowMs: number): EdgeLink {
    return {
      edge: this.edge,
      online: this.online,
      birth: this.birth,
      status: this.status,
      lastSeenMs: this.lastSeenMs,
      skewMs: this.skew.medianMs(),
      stored: this.stored,
      readingsPerSecond: this.readingRate.perSecond(nowMs),
      bytesPerSecond: this.byteRate.perSecond(nowMs),
    };
  }
}

/** The newest tables, as many as a backlog may still be written with. */
function withinBounds(tables: readonly EdgeDictionary[]): EdgeDictionary[] {
  let tags = 0;
  const end = tables.findLastIndex((table, i) => {
    tags += table.birth.tags.length;
    return i < tables.length - 1 && (tables.length - i > tablesMax || tags > tableTagsMax);
  });
  return tables.slice(end + 1);
}

/** The same columns (or panes) under the site's indices. */
export const underSite = <T extends { tag: number }>(
  table: EdgeDictionary,
  list: readonly T[],
): T[] => list.map((one) => ({ ...one, tag: i32(table.site, one.tag) }));

/** The same columns (or panes) under the newest birth's indices; tags it no longer names are left out. */
export function underNewest<T extends { tag: number }>(
  table: EdgeDictionary,
  list: readonly T[],
): readonly T[] {
  const { newest } = table;
  if (!newest) return list;
  return list
    .filter((one) => i32(newest, one.tag) >= 0)
    .map((one) => ({ ...one, tag: i32(newest, one.tag) }));
}

/** The edges as the journal knows them; all offline until they say something. */
export function loadEdges(db: SqlDatabase, tags: SiteTags): Map<string, EdgeRecord> {
  const edges = new Map<string, EdgeRecord>();
  const record = (edge: string): EdgeRecord => {
    const known = edges.get(edge) ?? new EdgeRecord(edge);
    edges.set(edge, known);
    return known;
  };
  const rows = db
    .prepare("SELECT edge, stored, last_seen_ms, status FROM edges")
    .all<{ edge: string; stored: number; last_seen_ms: number; status: Uint8Array | null }>();
  for (const row of rows) {
    const known = record(row.edge);
    known.stored = row.stored;
    known.lastSeenMs = row.last_seen_ms;
    known.status = row.status ? fromBinary(EdgeStatusSchema, row.status) : undefined;
  }
  for (const row of db
    .prepare("SELECT edge, bytes FROM births ORDER BY number")
    .all<{ edge: string; bytes: Uint8Array }>()) {
    record(row.edge).adopt(fromBinary(BirthSchema, row.bytes), tags);
  }
  for (const row of db
    .prepare(
      "SELECT edge, count(*) AS waiting, sum(length(bytes)) AS bytes FROM raw WHERE waiting = 1 GROUP BY edge",
    )
    .all<{ edge: string; waiting: number; bytes: number }>()) {
    record(row.edge).waiting = row.waiting;
    record(row.edge).waitingBytes = row.bytes;
  }
  return edges;
}
