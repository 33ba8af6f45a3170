/**
 * The cloud's memory of every site: a consumer of the event log that turns one-minute blocks into
 * summaries a tag and minute, keeps the open days in SQLite and seals the closed ones into Parquet.
 */
import { mkdirSync } from "node:fs";
import { peekBlock } from "@weir/contracts/block/block-header.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import type { SiteMinute } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { decodeItem } from "../ingest/item-kind.ts";
import { dayMs, hourlyDaysMax, hourMs, minutelyDaysMax, minuteMs, sealGraceMs } from "../limits.ts";
import { type Consumer, consumerMigration, createConsumer } from "../log/consumer.ts";
import type { EventLog, LogRecord } from "../log/event-log.ts";
import { coarsen, type Summary, summarise, summariseWithPanes } from "./bucket-summary.ts";
import type { HistoryFiles } from "./history-files.ts";
import { type Layer, rowsOf } from "./history-table.ts";
import { createOpenDays, openDayMigration } from "./open-days.ts";
import { createSealedDays, type SealedDays, sealedDayMigration } from "./sealed-days.ts";
import type { CoverageSpan, TagCoverage } from "./tag-coverage.ts";
import { createTagTable, type TagTable, tagMigration } from "./tag-table.ts";

export const historianMigrations = [
  consumerMigration +
    tagMigration +
    openDayMigration +
    sealedDayMigration +
    `CREATE TABLE site_clock (site TEXT PRIMARY KEY, newest_minute_ms REAL NOT NULL) STRICT, WITHOUT ROWID;`,
];

export const historianGroup = "historian";

/** Summaries of each asked tag, in order of time; a tag without history has an empty list. */
export type Summaries = Map<string, Summary[]>;

export interface Range {
  fromMs: number;
  toMs: number;
}

export interface Historian {
  readonly consumer: Consumer;
  readonly tags: TagTable;
  /** One summary a tag and hour, sealed and open. `tags` are site-wide ids. */
  hourly(site: string, tags: readonly string[], range: Range): Promise<Summaries>;
  /** One summary a tag and minute. */
  minutely(site: string, tags: readonly string[], range: Range): Promise<Summaries>;
  /** Summaries over any bucket: from minutes where there are any, else from hours. */
  bucketed(
    site: string,
    tags: readonly string[],
    options: Range & { bucketMs: number },
  ): Promise<Summaries>;
  /** What there is to learn from: of every tag of a site, by its id. */
  coverage(site: string): Promise<Map<string, TagCoverage>>;
  /** Reads Parquet exports into the history of `site`. @throws Fault CLOUD_PARQUET_READ */
  importFiles(site: string, files: readonly string[]): Promise<{ rowCount: number; days: number }>;
  /** Writes days that ended longer than the grace ago into Parquet; returns how many. */
  seal(nowMs: number): Promise<number>;
  /** Newest minute received of a site, or the end of its imported history. */
  newestMs(site: string): number | undefined;
  /** Start of the oldest history. */
  oldestMs(site: string): number | undefined;
  bytes(): number;
}

export interface HistorianOptions {
  log: EventLog;
  /** Opened with `historianMigrations`. */
  db: SqlDatabase;
  folder: string;
  files: HistoryFiles;
  logger: Logger;
  /** The newest description of a site, once it has sent one. */
  modelOf?: (site: string) => SiteModel | undefined;
  /** Called once for each hour of a site that is over, after the commit, in order. */
  onHour?: (site: string, hourStartMs: number) => void;
  /** After the commit of a new tag table. */
  onTags?: (site: string) => void;
}

export function createHistorian(options: HistorianOptions): Historian {
  const { db, files, logger } = options;
  mkdirSync(options.folder, { recursive: true });
  const tags = createTagTable(db, options.modelOf ?? (() => undefined));
  const open = createOpenDays(db);
  const sealed = createSealedDays(db, options.folder);
  sealed.sweep();
  const clockOf = createSiteClock(db);
  const closedHours: { site: string; hourStartMs: number }[] = [];

  const applyMinute = (site: string, minute: SiteMinute): string | undefined => {
    const header = peekBlock(minute.block);
    if (!header.ok) return `${header.fault}: ${header.detail}`;
    const table = tags.blockTable(site, header.dictionary);
    if (!table) return `the site has not announced tag table ${header.dictionary.toString(16)}`;
    const block = decodeBlock(table.dictionary, minute.block);
    if (!block.ok) return `${block.fault}: ${block.detail}`;
    const unpacked = minute.panes && decodePanes(table.dictionary, minute.panes, minuteMs);
    if (unpacked && !unpacked.ok) return `panes: ${unpacked.detail}`;
    const panes = Map.groupBy(unpacked?.panes ?? [], ({ tag }) => tag);
    for (const [tag, list] of panes) {
      const readings = block.columns.find((column) => column.tag === tag);
      const summary = summariseWithPanes(readings, list, minute.minuteMs);
      const key = table.keys[tag];
      if (key !== undefined && summary) open.add(key, summary);
    }
    for (const column of block.columns) {
      const key = table.keys[column.tag];
      if (key === undefined || panes.has(column.tag)) continue;
      for (const summary of summarise(column, minuteMs)) open.add(key, summary);
    }
    const before = clockOf.newestMs(site) ?? 0;
    if (minute.minuteMs > before) {
      clockOf.setNewest(site, minute.minuteMs);
      const hour = floorTo(minute.minuteMs, hourMs);
      if (before > 0 && floorTo(before, hourMs) < hour) {
        closedHours.push({ site, hourStartMs: hour - hourMs });
      }
    }
    return undefined;
  };

  const apply = (record: LogRecord): string | undefined => {
    if (record.kind !== "tags" && record.kind !== "minute") return undefined;
    const item = decodeItem(record.body);
    if (item?.body.case === "minute") return applyMinute(record.source, item.body.value);
    if (item?.body.case !== "tags") return "not an uplink item";
    tags.announce(record.source, item.body.value);
    return undefined;
  };

  const consumer = createConsumer({
    group: historianGroup,
    log: options.log,
    db,
    logger,
    apply,
    onApplied: (records) => {
      const announced = records.filter(({ kind }) => kind === "tags").map(({ source }) => source);
      for (const site of new Set(announced)) options.onTags?.(site);
      for (const { site, hourStartMs } of closedHours.splice(0))
        options.onHour?.(site, hourStartMs);
    },
  });

  const sealDay = async (site: string, dayStartMs: number) => {
    const minuteKey = { site, layer: "minute" as const, dayStartMs };
    const hourKey = { site, layer: "hour" as const, dayStartMs };
    const minutes = sealed.next(minuteKey);
    const hours = sealed.next(hourKey);
    const table = open.table(site, dayStartMs);
    const written = await files.writeTable(minutes.file, table, {
      base: minutes.base,
      merge: "combine",
    });
    const writtenHours = await files.writeHours(hours.file, minutes.file, hours.base);
    // Until here nothing changed for any reader; a crash leaves two files that the next start sweeps.
    db.transaction(() => {
      sealed.publish(minuteKey, minutes.generation, written);
      sealed.publish(hourKey, hours.generation, writtenHours);
      open.remove(site, dayStartMs);
    });
    logger.info("day sealed", {
      site,
      day: new Date(dayStartMs).toISOString().slice(0, 10),
      rows: written.rowCount,
      bytes: written.bytes,
    });
  };

  const readLayer = async (
    { site, layer, ids }: { site: string; layer: Layer; ids: readonly string[] },
    range: Range,
  ): Promise<Summaries> => {
    const result: Summaries = new Map(ids.map((id) => [id, []]));
    const table = await files.read(sealed.files(site, layer, range), { tags: ids, ...range });
    for (const { tag, ...summary } of rowsOf(table)) result.get(tag)?.push(summary);
    for (const { id, key } of tags.byId(site, ids)) {
      const minutes = open.minutes(key, range.fromMs, range.toMs);
      if (minutes.length === 0) continue;
      const fresh = layer === "minute" ? minutes : coarsen(minutes, hourMs);
      result.set(id, fuller(result.get(id) ?? [], fresh));
    }
    return result;
  };

  const coverage = async (site: string): Promise<Map<string, TagCoverage>> => {
    const result = new Map<string, TagCoverage>();
    const newestMs = newestOf(site, clockOf, sealed);
    if (newestMs === undefined) return result;
    const span = coverageSpan(newestMs);
    const toMs = newestMs + dayMs;
    const hourFiles = sealed.files(site, "hour", { fromMs: span.hoursFromMs, toMs });
    const minuteFiles = sealed.files(site, "minute", { fromMs: span.minutesFromMs, toMs });
    const counts = await files.counts(minuteFiles, span.minutesFromMs);
    for (const { tag, ...hours } of await files.hourCoverage(hourFiles, span)) {
      result.set(tag, { ...hours, minutes: counts.get(tag) ?? 0 });
    }
    for (const { tag, hours, minutes, newestMs: openMs } of open.coverage(
      site,
      span.minutesFromMs,
    )) {
      const sealedPart = result.get(tag) ?? { hours: 0, minutes: 0, newestMs: 0, drift: 0 };
      result.set(tag, {
        hours: sealedPart.hours + hours,
        minutes: sealedPart.minutes + minutes,
        newestMs: Math.max(sealedPart.newestMs ?? 0, openMs),
        drift: sealedPart.drift,
      });
    }
    return result;
  };

  const importFile = async (site: string, file: string) => {
    const imported = await files.importExport(file, (layer, dayStartMs) =>
      sealed.next({ site, layer, dayStartMs }),
    );
    for (const day of imported) {
      const key = { site, layer: day.layer, dayStartMs: day.dayStartMs };
      const hourKey = { site, layer: "hour" as const, dayStartMs: day.dayStartMs };
      const hours = day.layer === "minute" ? sealed.next(hourKey) : undefined;
      const writtenHours = hours && (await files.writeHours(hours.file, day.file, hours.base));
      const ids = await files.tags(day.file);
      db.transaction(() => {
        sealed.publish(key, sealed.next(key).generation, day);
        if (hours && writtenHours) sealed.publish(hourKey, hours.generation, writtenHours);
        tags.meet(site, ids);
      });
    }
    return imported;
  };

  return {
    consumer,
    tags,
    hourly: (site, ids, range) => readLayer({ site, layer: "hour", ids }, range),
    minutely: (site, ids, range) => readLayer({ site, layer: "minute", ids }, range),
    async bucketed(site, ids, { bucketMs, ...range }) {
      const hours = await readLayer({ site, layer: "hour", ids }, range);
      if (bucketMs >= hourMs)
        return mapValues(hours, (list) => regrid(list, range.fromMs, bucketMs));
      const minutes = await readLayer({ site, layer: "minute", ids }, range);
      return mapValues(minutes, (list, id) => {
        const covered = new Set(list.map((summary) => floorTo(summary.atMs, hourMs)));
        const rest = (hours.get(id) ?? []).filter((summary) => !covered.has(summary.atMs));
        const both = [...list, ...rest].sort((a, b) => a.atMs - b.atMs);
        return regrid(both, range.fromMs, bucketMs);
      });
    },
    coverage,
    importFiles: (site, list) =>
      consumer.exclusively(async () => {
        let rowCount = 0;
        let days = 0;
        for (const file of list) {
          for (const day of await importFile(site, file)) {
            rowCount += day.rowCount;
            days += 1;
          }
        }
        return { rowCount, days };
      }),
    seal: (nowMs) =>
      consumer.exclusively(async () => {
        let count = 0;
        for (const site of tags.sites()) {
          for (const day of open.days(site)) {
            if (day + dayMs + sealGraceMs > nowMs) continue;
            await sealDay(site, day);
            count += 1;
          }
        }
        return count;
      }),
    newestMs: (site) => newestOf(site, clockOf, sealed),
    oldestMs: (site) => sealed.span(site, "hour")?.fromMs ?? open.days(site)[0],
    bytes: () => sealed.bytes(),
  };
}

/** Hours of half a year and minutes of three days teach; eight days old is usual, the last day is now. */
const coverageSpan = (newestMs: number): CoverageSpan => ({
  hoursFromMs: newestMs - hourlyDaysMax * dayMs,
  minutesFromMs: newestMs - minutelyDaysMax * dayMs,
  usualToMs: newestMs - 8 * dayMs,
  nowFromMs: newestMs - dayMs,
});

function newestOf(
  site: string,
  clocks: ReturnType<typeof createSiteClock>,
  sealed: SealedDays,
): number | undefined {
  const live = clocks.newestMs(site);
  const imported = sealed.span(site, "hour")?.toMs;
  return live ?? imported;
}

function createSiteClock(db: SqlDatabase) {
  const get = db.prepare("SELECT newest_minute_ms FROM site_clock WHERE site = ?");
  const set = db.prepare("INSERT OR REPLACE INTO site_clock VALUES (?, ?)");
  return {
    newestMs: (site: string) => get.get<{ newest_minute_ms: number }>(site)?.newest_minute_ms,
    setNewest: (site: string, atMs: number) => set.run(site, atMs),
  };
}

const floorTo = (value: number, step: number) => Math.floor(value / step) * step;

/** Of two lists in order of time, of each bucket the summary with more readings. */
function fuller(a: readonly Summary[], b: readonly Summary[]): Summary[] {
  const byTime = new Map(a.map((summary) => [summary.atMs, summary]));
  for (const summary of b) {
    const other = byTime.get(summary.atMs);
    if (!other || other.n < summary.n) byTime.set(summary.atMs, summary);
  }
  return [...byTime.values()].sort((x, y) => x.atMs - y.atMs);
}

/** Buckets counted from `fromMs`, not from the epoch. */
const regrid = (list: readonly Summary[], fromMs: number, bucketMs: number): Summary[] =>
  coarsen(
    list.map((summary) => ({ ...summary, atMs: summary.atMs - fromMs })),
    bucketMs,
  ).map((summary) => ({ ...summary, atMs: summary.atMs + fromMs }));

const mapValues = (
  summaries: Summaries,
  change: (list: Summary[], id: string) => Summary[],
): Summaries => new Map([...summaries].map(([id, list]) => [id, change(list, id)]));
