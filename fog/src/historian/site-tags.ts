/**
 * The site's own tag table: one index per `edge/device/name`, given at the first birth that names it
 * and never given to another. It is the dictionary of the blocks in the historian and of SiteMinute.
 */
import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BlockDictionary, BlockTag } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import type { Birth } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { type Tag, TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import {
  type SiteTags as SiteTagsMessage,
  SiteTagsSchema,
} from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { type TagMeasure, tagMeasure } from "@weir/plants/tag-measure.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

/** Tags keep their place for ever, so that history keeps its meaning: both are bounds for ever. */
const edgeTagsEverMax = 20_000;
const siteTagsMax = 60_000;
/** Of the whole table as it travels: less than the cloud takes as one item. */
const tableBytesMax = 6 * 2 ** 20;
/** What a row adds to its tag there: edge, framing. */
const rowBytes = 80;

export interface SiteTagRow {
  /** Site-wide index. */
  index: number;
  /** "<edge>/<device>/<name>" */
  id: string;
  edge: string;
  /** As the newest birth announced it; `index` inside is the site-wide one. Bare for imported tags. */
  tag: Tag;
  /** What it measures, given by its edge or told by unit, name and place. */
  measures: TagMeasure;
}

export class SiteTags {
  readonly #rows: SiteTagRow[] = [];
  readonly #byId = new Map<string, SiteTagRow>();
  readonly #dictionaries = new Map<number, BlockDictionary>();
  readonly #db: SqlDatabase;
  readonly #site: SiteModel | undefined;
  readonly #onGrown: () => void;
  readonly #putTag: SqlStatement;
  readonly #putDictionary: SqlStatement;
  readonly #getDictionary: SqlStatement;
  #dictionary: BlockDictionary;
  #bytes = 0;
  /** When a birth no longer named it, edge clock, by index. */
  readonly #removedMs = new Map<number, number>();
  #current: readonly SiteTagRow[] | undefined;

  /**
   * Without a site's description kinds are what the edges say and nothing more.
   * `onGrown`: after the commit of a change of the table.
   */
  constructor(db: SqlDatabase, site?: SiteModel, onGrown: () => void = () => {}) {
    this.#db = db;
    this.#site = site;
    this.#onGrown = onGrown;
    this.#putTag = db.prepare(
      "INSERT OR REPLACE INTO site_tags (position, id, edge, bytes) VALUES (?, ?, ?, ?)",
    );
    this.#putDictionary = db.prepare(
      "INSERT OR IGNORE INTO site_dictionaries (hash, tags) VALUES (?, ?)",
    );
    this.#getDictionary = db.prepare("SELECT tags FROM site_dictionaries WHERE hash = ?");
    const rows = db
      .prepare("SELECT position, id, edge, bytes FROM site_tags ORDER BY position")
      .all<{ position: number; id: string; edge: string; bytes: Uint8Array }>();
    for (const row of rows) {
      const tag = fromBinary(TagSchema, row.bytes);
      this.#place(this.#row({ index: row.position, id: row.id, edge: row.edge, tag }));
    }
    this.#dictionary = dictionaryOf(this.#rows);
  }

  /** Every tag ever seen, by site-wide index. */
  get rows(): readonly SiteTagRow[] {
    return this.#rows;
  }

  /** Those that their edge has, as it last announced them, and imported ones. */
  get current(): readonly SiteTagRow[] {
    this.#current ??= this.#rows.filter(({ index }) => !this.#removedMs.has(index));
    return this.#current;
  }

  /** When its edge was configured without it; undefined while it has it. Its history is kept. */
  removedMs(row: SiteTagRow): number | undefined {
    return this.#removedMs.get(row.index);
  }

  /** `birth` is the newest of `edge`: what it does not name is there no more. */
  announced(edge: string, birth: Pick<Birth, "tags" | "atMs">): void {
    const named = new Set(birth.tags.map(({ id }) => `${edge}/${id}`));
    for (const row of this.#rows) {
      // Imported rows have never been announced, so nothing has taken them away.
      if (row.edge !== edge || row.tag.periodMs === 0) continue;
      if (named.has(row.id)) this.#removedMs.delete(row.index);
      else if (!this.#removedMs.has(row.index)) this.#removedMs.set(row.index, birth.atMs);
    }
    this.#current = undefined;
  }

  find(id: string): SiteTagRow | undefined {
    return this.#byId.get(id);
  }

  /** What new blocks are written with. */
  get dictionary(): BlockDictionary {
    return this.#dictionary;
  }

  /** The dictionary a stored block was written with. */
  dictionaryOf(hash: number): BlockDictionary | undefined {
    if (hash === this.#dictionary.hash) return this.#dictionary;
    const known = this.#dictionaries.get(hash);
    if (known) return known;
    const row = this.#getDictionary.get<{ tags: string }>(hash);
    if (!row) return undefined;
    const dictionary = makeDictionary((JSON.parse(row.tags) as StoredBlockTag[]).map(blockTagOf));
    this.#dictionaries.set(hash, dictionary);
    return dictionary;
  }

  /** Why the tags of a birth of `edge` find no room beside all that were ever announced, or `undefined`. */
  roomFault(edge: string, tags: readonly Tag[]): string | undefined {
    const added = tags.filter(({ id }) => !this.#byId.has(`${edge}/${id}`));
    if (added.length === 0) return undefined;
    const known = this.#rows.reduce((count, row) => count + (row.edge === edge ? 1 : 0), 0);
    const own = known + added.length;
    if (own > edgeTagsEverMax) {
      return `${own} tags that ${edge} has ever announced, at most ${edgeTagsEverMax} are kept`;
    }
    const bytes = added.reduce((sum, tag) => sum + sizeOf(tag), this.#bytes);
    if (bytes > tableBytesMax) {
      return `a tag table of this site of ${bytes} bytes, at most ${tableBytesMax} reach the cloud`;
    }
    const all = this.#rows.length + added.length;
    return all > siteTagsMax
      ? `${all} tags of this site, at most ${siteTagsMax} are kept`
      : undefined;
  }

  /** What a birth's tags would change; `undefined` when nothing. Adopt it before planning again. */
  plan(edge: string, tags: readonly Tag[]): SiteTagPlan | undefined {
    const rows: SiteTagRow[] = [];
    let nextIndex = this.#rows.length;
    for (const tag of tags) {
      const id = `${edge}/${tag.id}`;
      const known = this.#byId.get(id);
      const index = known?.index ?? nextIndex++;
      const row = this.#row({ index, id, edge, tag: create(TagSchema, { ...tag, index }) });
      if (known && equals(TagSchema, known.tag, row.tag)) continue;
      rows.push(row);
    }
    if (rows.length === 0) return undefined;
    const merged = [...this.#rows];
    for (const row of rows) merged[row.index] = row;
    return { rows, merged, dictionary: dictionaryOf(merged) };
  }

  /** In the open transaction. */
  write(plan: SiteTagPlan): void {
    for (const { index, id, edge, tag } of plan.rows) {
      this.#putTag.run(index, id, edge, toBinary(TagSchema, tag));
    }
    this.#putDictionary.run(plan.dictionary.hash, JSON.stringify(plan.dictionary.tags));
  }

  /** After the transaction has committed. */
  adopt(plan: SiteTagPlan): void {
    for (const row of plan.rows) this.#place(row);
    this.#dictionary = plan.dictionary;
    this.#onGrown();
  }

  /** Both in one, for whoever has no transaction of his own open. */
  learn(plan: SiteTagPlan): void {
    this.#db.transaction(() => this.write(plan));
    this.adopt(plan);
  }

  /** For the cloud, as it stands or as `plan` would make it. */
  message(plan?: SiteTagPlan): SiteTagsMessage {
    return create(SiteTagsSchema, {
      dictionary: (plan?.dictionary ?? this.#dictionary).hash,
      tags: (plan?.merged ?? this.#rows).map(({ edge, tag }) => ({ edge, tag })),
    });
  }

  #row(row: Omit<SiteTagRow, "measures">): SiteTagRow {
    return { ...row, measures: tagMeasure(this.#site, row.tag) };
  }

  #place(row: SiteTagRow): void {
    const before = this.#rows[row.index];
    this.#bytes += sizeOf(row.tag) - (before ? sizeOf(before.tag) : 0);
    this.#rows[row.index] = row;
    this.#byId.set(row.id, row);
    this.#current = undefined;
  }
}

/** JSON has no NaN, and says null where a table of an earlier version had one. */
type StoredBlockTag = { [K in keyof BlockTag]: BlockTag[K] | null };
const blockTagOf = ({ resolution, periodMs }: StoredBlockTag): BlockTag => ({
  resolution: resolution ?? Number.NaN,
  periodMs: periodMs ?? Number.NaN,
});

const sizeOf = (tag: Tag): number => toBinary(TagSchema, tag).length + rowBytes;

export interface SiteTagPlan {
  rows: readonly SiteTagRow[];
  merged: readonly SiteTagRow[];
  dictionary: BlockDictionary;
}

const dictionaryOf = (rows: readonly SiteTagRow[]): BlockDictionary =>
  makeDictionary(rows.map(({ tag }) => ({ resolution: tag.resolution, periodMs: tag.periodMs })));
