/** What the cloud knows of a site's tags, and what the indices of its blocks mean. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { dictionaryHash, makeDictionary } from "@weir/contracts/block/dictionary.ts";
import type { Tag } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { type SiteTags, SiteTagsSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinKinds } from "@weir/plants/builtin-kinds.ts";
import { type TagMeasure, tagMeasure } from "@weir/plants/tag-measure.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";

export const tagMigration = `
  CREATE TABLE tag (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL, id TEXT NOT NULL,
    edge TEXT NOT NULL, stage TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    unit TEXT NOT NULL, resolution REAL NOT NULL, period_ms REAL NOT NULL,
    min REAL NOT NULL, max REAL NOT NULL, hard_low REAL, hard_high REAL,
    announced INTEGER NOT NULL,    -- 0: known from imported history only
    UNIQUE (site, id)
  ) STRICT;
  CREATE TABLE dictionary (
    site TEXT NOT NULL, hash INTEGER NOT NULL, tags BLOB NOT NULL,
    PRIMARY KEY (site, hash)
  ) STRICT;
`;

/** One tag of a site; `id` is "<edge>/<device>/<name>". */
export interface SiteTagInfo {
  key: number;
  id: string;
  edge: string;
  stage: string;
  name: string;
  /** Given by its edge, or told by unit, name and place; "other" where nothing tells. */
  kind: string;
  measures: TagMeasure;
  unit: string;
  resolution: number;
  periodMs: number;
  min: number;
  max: number;
  hardLow: number | null;
  hardHigh: number | null;
  /** 1: the site itself has told of it; 0: known from imported history only. */
  announced: number;
}

type StoredTag = Omit<SiteTagInfo, "measures">;

/** What blocks of one tag table need: the codec's side of it, and where the values go. */
export interface BlockTable {
  dictionary: BlockDictionary;
  /** Tag key by index. */
  keys: number[];
}

export interface TagTable {
  /** Stores the table that blocks with its hash refer to, and updates the tags themselves. */
  announce(site: string, tags: SiteTags): void;
  /**
   * The table with this hash. A fog sends its newest table before older minutes: one that was
   * replaced before it was sent is found as the beginning of the newest, to which tags were added.
   */
  blockTable(site: string, hash: number): BlockTable | undefined;
  /** Makes sure that imported tags exist; what they are is read from their id. */
  meet(site: string, ids: Iterable<string>): void;
  tags(site: string): SiteTagInfo[];
  stageTags(site: string, stage: string): SiteTagInfo[];
  byId(site: string, ids: readonly string[]): SiteTagInfo[];
  sites(): string[];
  count(site: string): number;
}

const columns = `key, id, edge, stage, name, kind, unit, resolution, period_ms AS periodMs,
  min, max, hard_low AS hardLow, hard_high AS hardHigh, announced`;

/** `modelOf`: the newest description of a site; its packs tell what its tags measure. */
export function createTagTable(
  db: SqlDatabase,
  modelOf: (site: string) => SiteModel | undefined,
): TagTable {
  const upsert = db.prepare(`
    INSERT INTO tag (site, id, edge, stage, name, kind, unit, resolution, period_ms, min, max, hard_low, hard_high, announced)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (site, id) DO UPDATE SET
      edge = excluded.edge, stage = excluded.stage, name = excluded.name, kind = excluded.kind,
      unit = excluded.unit, resolution = excluded.resolution, period_ms = excluded.period_ms,
      min = excluded.min, max = excluded.max, hard_low = excluded.hard_low,
      hard_high = excluded.hard_high, announced = 1`);
  const meet = db.prepare(`
    INSERT OR IGNORE INTO tag (site, id, edge, stage, name, kind, unit, resolution, period_ms, min, max, announced)
    VALUES (?, ?, ?, ?, ?, '', '', 0, 0, 0, 0, 0)`);
  const keyOf = db.prepare("SELECT key FROM tag WHERE site = ? AND id = ?");
  const saveDictionary = db.prepare("INSERT OR REPLACE INTO dictionary VALUES (?, ?, ?)");
  const loadDictionary = db.prepare("SELECT tags FROM dictionary WHERE site = ? AND hash = ?");
  const allDictionaries = db.prepare(
    "SELECT tags FROM dictionary WHERE site = ? ORDER BY length(tags) DESC LIMIT ?",
  );
  const ofSite = db.prepare(`SELECT ${columns} FROM tag WHERE site = ? ORDER BY id`);
  const ofStage = db.prepare(`SELECT ${columns} FROM tag WHERE site = ? AND stage = ? ORDER BY id`);
  const one = db.prepare(`SELECT ${columns} FROM tag WHERE site = ? AND id = ?`);
  const sites = db.prepare("SELECT DISTINCT site FROM tag ORDER BY site");
  const count = db.prepare("SELECT count(*) AS count FROM tag WHERE site = ?");
  const dictionaries = new Map<string, BlockTable>();

  const tableOf = (site: string, { tags }: SiteTags): BlockTable => {
    const inOrder = tags
      .flatMap(({ edge, tag }) => (tag ? [{ edge, tag }] : []))
      .sort((a, b) => a.tag.index - b.tag.index);
    return {
      dictionary: makeDictionary(inOrder.map(({ tag }) => tag)),
      keys: inOrder.map(
        ({ edge, tag }) => keyOf.get<{ key: number }>(site, `${edge}/${tag.id}`)?.key ?? 0,
      ),
    };
  };

  /** Of a tag that no edge has announced the name alone may tell what it is. */
  const measured = (site: string, rows: readonly StoredTag[]): SiteTagInfo[] => {
    // Before a site has described itself its words are those of any plant.
    const model = modelOf(site) ?? { pack: builtinKinds().pack };
    return rows.map((row) => {
      const measures = tagMeasure(model, { ...row, kind: row.announced === 1 ? row.kind : "" });
      return { ...row, kind: measures.kind, measures };
    });
  };

  return {
    announce(site, tags) {
      for (const { edge, tag } of tags.tags) {
        if (tag) upsert.run(site, `${edge}/${tag.id}`, ...describe(edge, tag));
      }
      saveDictionary.run(site, tags.dictionary, toBinary(SiteTagsSchema, tags));
      dictionaries.set(`${site}/${tags.dictionary}`, tableOf(site, tags));
    },
    blockTable(site, hash) {
      const known = dictionaries.get(`${site}/${hash}`);
      if (known) return known;
      const row = loadDictionary.get<{ tags: Uint8Array }>(site, hash);
      const table = row
        ? tableOf(site, fromBinary(SiteTagsSchema, row.tags))
        : allDictionaries
            .all<{ tags: Uint8Array }>(site, searchedCountMax)
            .map(({ tags }) => beginningWith(tableOf(site, fromBinary(SiteTagsSchema, tags)), hash))
            .find((found) => found !== undefined);
      if (table) dictionaries.set(`${site}/${hash}`, table);
      return table;
    },
    meet(site, ids) {
      for (const id of ids) {
        const [edge = "", stage = "", name = ""] = id.split("/");
        meet.run(site, id, edge, stage, name);
      }
    },
    tags: (site) => measured(site, ofSite.all<StoredTag>(site)),
    stageTags: (site, stage) => measured(site, ofStage.all<StoredTag>(site, stage)),
    byId: (site, ids) =>
      measured(
        site,
        ids.flatMap((id) => one.get<StoredTag>(site, id) ?? []),
      ),
    sites: () => sites.all<{ site: string }>().map((row) => row.site),
    count: (site) => count.get<{ count: number }>(site)?.count ?? 0,
  };
}

/** Tables whose beginnings are searched. */
const searchedCountMax = 8;

/** The first rows of `table` that have this hash together, if any number of them has. */
function beginningWith({ dictionary, keys }: BlockTable, hash: number): BlockTable | undefined {
  for (let count = keys.length - 1; count > 0; count--) {
    const tags = dictionary.tags.slice(0, count);
    if (dictionaryHash(tags) !== hash) continue;
    return { dictionary: makeDictionary(tags), keys: keys.slice(0, count) };
  }
  return undefined;
}

const describe = (edge: string, tag: Tag) =>
  [
    edge,
    tag.stage,
    tag.name,
    tag.kind,
    tag.unit,
    tag.resolution,
    tag.periodMs,
    tag.min,
    tag.max,
    tag.hardLow ?? null,
    tag.hardHigh ?? null,
  ] as const;
