/**
 * The site's own past: every reading as sealed minute blocks, and summaries of each minute and hour.
 *
 * A reading is acknowledged when its raw batch is in the journal. Sealing a minute is one commit there
 * (block written to `sealing`, to the outbox, raw batches deleted); only then the day file gets it, and
 * `appliedTo` says which batches it holds. So a death at any point neither loses nor doubles a reading.
 */
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import type { Panes } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import { aheadMaxMs } from "../ingest/message-bounds.ts";
import { joinColumns, readingCount, splitByBucket } from "./columns.ts";
import { DayFiles, type DayFolder, type SealedMinute } from "./day-files.ts";
import type { OpenTag } from "./history-query.ts";
import { HistoryReader } from "./history-reader.ts";
import { MinuteBook, minuteMs } from "./minute-book.ts";
import { NewestValues } from "./newest-values.ts";
import { addPanes, decodePanes, encodePanes, mergePanes, panesOf } from "./pane-row.ts";
import type { SiteTags } from "./site-tags.ts";
import { minutePanes, newestOf, packSummaries, unpackSummaries } from "./summaries.ts";

export const hourMs = 3_600_000;

/** How long sealing rests after the store has failed, milliseconds of the I/O clock. */
const sealRestMs = 5_000;

/**
 * Minutes and readings that may be open before a batch that adds many more must wait: some 140 MB. Sealing is what
 * takes long, so what has come may not run far ahead of it.
 */
const openMinutesMark = 4_096;
const openReadingsMark = 8_000_000;

/** A backlog of minutes is sealed in portions of this long, so that live messages are heard between. */
const sealBudgetMs = 100;

export interface HistorianOptions {
  journal: SqlDatabase;
  folder: DayFolder;
  tags: SiteTags;
  clock: Clock;
  ioClock: Clock;
  logger: Logger;
  /** How long a silent edge may hold a minute open, plant time. */
  patienceMs: number;
  /** What the way from an edge may add to a time, plant time. */
  latenessMs: number;
  retention: { ageMaxMs: number; bytesMax: number };
  /** Called inside the journal's transaction that seals the minute. */
  onSealed: (minute: {
    minuteMs: number;
    block: Uint8Array;
    /** Of readings that were never here; see `SiteMinute`. */
    panes: Panes | undefined;
    late: boolean;
  }) => void;
  /** A day's file was damaged and is set aside; what came of that day before is in it. */
  onDamaged: (day: string, aside: { movedTo: string; why: string }) => void;
  /** The readings of a minute that is written anew could not be read; `block` holds them. */
  onUnreadable: (minuteMs: number, block: Uint8Array) => void;
}

export class Historian {
  readonly newest = new NewestValues();
  readonly reader: HistoryReader;
  readonly tags: SiteTags;
  readonly #options: HistorianOptions;
  readonly #days: DayFiles;
  readonly #book: MinuteBook;
  readonly #putSealing: SqlStatement;
  readonly #clearSealing: SqlStatement;
  readonly #deleteRaw: SqlStatement;
  readonly #dirtyHours = new Set<number>();
  #appliedSealing = 0;
  #newestMinuteMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = 0;
  #refusing: { sinceMs: number; why: string } | undefined;
  #sealed = 0;

  constructor(options: HistorianOptions) {
    this.#options = options;
    this.tags = options.tags;
    this.#days = new DayFiles({
      folder: options.folder,
      nowMs: () => options.ioClock.nowMs(),
      onDamaged: options.onDamaged,
    });
    this.#book = new MinuteBook({ patienceMs: options.patienceMs });
    this.reader = new HistoryReader({ days: this.#days, book: this.#book, tags: options.tags });
    this.#putSealing = options.journal.prepare(
      "INSERT INTO sealing (minute_ms, applied_to, dictionary, readings, block, summaries) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#clearSealing = options.journal.prepare("DELETE FROM sealing WHERE number <= ?");
    this.#deleteRaw = options.journal.prepare("DELETE FROM raw WHERE id <= ? AND waiting = 0");
    this.#recover();
  }

  /** Since when, plant calendar, minutes could not be sealed, and why; undefined while they can. */
  get refusing(): { sinceMs: number; why: string } | undefined {
    return this.#refusing;
  }

  /** Minutes sealed since the start. */
  get sealedCount(): number {
    return this.#sealed;
  }

  get openMinutes(): number {
    return this.#book.openCount;
  }

  /** Sealing is behind: bulky batches must come again later. */
  get isBehind(): boolean {
    return this.#book.openCount > openMinutesMark || this.#book.readings > openReadingsMark;
  }

  bytes(): number {
    return this.#days.bytes();
  }

  span(): { fromMs: number; toMs: number } | undefined {
    return this.#days.span();
  }

  /**
   * Takes in the readings and panes of raw batch `raw` (site-wide tag indices). `replay`: the batch is read
   * again from the journal after a restart and may be in sealed minutes already.
   */
  append(
    { columns, panes }: { columns: readonly BlockColumn[]; panes: readonly TagPane[] },
    from: { edge: string; raw: number; live: boolean; replay: boolean },
  ): void {
    const nowMs = this.#options.clock.nowMs();
    const untilMs = this.#untilMs(nowMs);
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const column of columns) {
      this.newest.take(column, untilMs);
      newestMs = Math.max(newestMs, column.timesMs[column.timesMs.length - 1] ?? newestMs);
      splitByBucket(column, minuteMs, (startMs, part) => {
        if (from.replay && this.#holds(startMs, from.raw)) return;
        this.#book.add(startMs, part, { raw: from.raw, nowMs });
      });
    }
    for (const pane of panes) {
      this.newest.take(newestOf(pane), untilMs);
      newestMs = Math.max(newestMs, pane.startMs + pane.lastAtMs);
      const startMs = Math.floor(pane.startMs / minuteMs) * minuteMs;
      if (from.replay && this.#holds(startMs, from.raw)) continue;
      this.#book.addPane(startMs, pane, { raw: from.raw, nowMs });
    }
    this.#book.applied(from.raw);
    if (from.live) this.#book.reached(from.edge, newestMs);
  }

  #untilMs(nowMs: number): number {
    return nowMs + aheadMaxMs + this.#options.latenessMs;
  }

  /** What is not on disk yet of a tag, for whoever reads the past elsewhere; undefined for an unknown one. */
  openTag(id: string): OpenTag | undefined {
    const index = this.tags.find(id)?.index;
    if (index === undefined) return undefined;
    return { index, columns: this.#book.columnsOf(index), panes: this.#book.panesOf(index) };
  }

  /** `edge` is offline: it holds no minute open any more. */
  lost(edge: string): void {
    this.#book.lost(edge);
  }

  /** Seals until it is no longer behind, however long that takes: before the fog listens. */
  catchUp(): void {
    while (this.isBehind) {
      const before = this.#book.openCount;
      this.tick();
      if (this.#book.openCount >= before) return;
    }
  }

  /** Seals what is due. Called a few times a second of the I/O clock. */
  tick(): void {
    const { ioClock } = this.#options;
    const startedMs = ioClock.monotonicMs();
    if (startedMs < this.#restUntilMs) return;
    for (const startMs of this.#book.due(this.#options.clock.nowMs())) {
      try {
        this.#seal(startMs);
        this.#refusing = undefined;
      } catch (error) {
        // Nothing is lost: the minute stays open and its raw batches stay in the journal.
        this.#restUntilMs = this.#options.ioClock.monotonicMs() + sealRestMs;
        const sinceMs = this.#refusing?.sinceMs ?? this.#options.clock.nowMs();
        this.#refusing = { sinceMs, why: (error as Error).message };
        this.#options.logger.error("a minute could not be sealed", {
          minute: new Date(startMs).toISOString(),
          why: (error as Error).message,
        });
        return;
      }
      if (ioClock.monotonicMs() - startedMs > sealBudgetMs) return;
    }
  }

  /** Deletes what retention no longer allows. */
  retain(): void {
    const { clock, retention, logger } = this.#options;
    const gone = this.#days.retain({ nowMs: clock.nowMs(), ...retention });
    if (gone.length > 0) logger.info("history deleted by retention", { days: gone.join(" ") });
  }

  /** Writes summaries from elsewhere; minutes and hours that are here already stay as they are. */
  importPanes(
    rows: readonly { atMs: number; panes: Uint8Array }[],
    width: "minute" | "hour",
  ): number {
    if (width === "hour") {
      const fresh = rows.filter(({ atMs }) => this.#days.hour(atMs) === undefined);
      this.#days.putHours(fresh.map(({ atMs, panes }) => ({ hourMs: atMs, panes })));
      return fresh.length;
    }
    const fresh = rows.filter(({ atMs }) => this.#days.minute(atMs) === undefined);
    this.#days.putMinutes(
      fresh.map(({ atMs, panes }) => ({
        minuteMs: atMs,
        appliedTo: 0,
        dictionary: 0,
        readings: 0,
        block: null,
        summaries: null,
        panes,
      })),
    );
    return fresh.length;
  }

  close(): void {
    this.#days.close();
  }

  #holds(startMs: number, raw: number): boolean {
    if (startMs > this.#newestMinuteMs) return false;
    return (this.#days.minute(startMs)?.appliedTo ?? 0) >= raw;
  }

  #seal(startMs: number): void {
    const { journal, tags, onSealed } = this.#options;
    const closed = this.#book.close(startMs);
    if (!closed) return;
    const dictionary = tags.dictionary;
    const block = encodeBlock(dictionary, closed.columns);
    const panes = minutePanes(dictionary, closed.panes, startMs);
    // Not merely older than the newest: an edge whose clock runs ahead makes nothing else late.
    const late = startMs <= this.#newestMinuteMs && this.#days.minute(startMs)?.block !== undefined;
    const number = journal.transaction(() => {
      this.#clearSealing.run(this.#appliedSealing);
      const { lastInsertRowid } = this.#putSealing.run(
        startMs,
        closed.appliedTo,
        dictionary.hash,
        closed.readings,
        block,
        packSummaries(dictionary, closed.panes),
      );
      onSealed({ minuteMs: startMs, block, panes, late });
      this.#deleteRaw.run(this.#book.safeRaw(startMs));
      return lastInsertRowid;
    });
    this.#book.sealed(startMs);
    this.#apply({ ...closed, dictionary: dictionary.hash, block });
    this.#appliedSealing = number;
    this.#sealed += 1;
  }

  /** Merges a sealed piece into its day file. Doing it twice changes nothing. */
  #apply(piece: {
    minuteMs: number;
    appliedTo: number;
    dictionary: number;
    columns: BlockColumn[];
    panes: TagPane[];
    block: Uint8Array;
    readings: number;
  }): void {
    const kept =
      piece.minuteMs <= this.#newestMinuteMs ? this.#days.minute(piece.minuteMs) : undefined;
    if (kept && kept.appliedTo >= piece.appliedTo) return;
    const columns = kept ? this.#merged(kept, piece.columns) : piece.columns;
    const panes = kept ? [...this.reader.summaries(kept), ...piece.panes] : piece.panes;
    const { dictionary } = this.#options.tags;
    const isWhole = columns === piece.columns && panes === piece.panes;
    const merged = !isWhole || piece.dictionary !== dictionary.hash;
    const row = panesOf(columns, this.#options.tags.rows.length, piece.minuteMs);
    addPanes(row, panes, { columns, originMs: piece.minuteMs });
    this.#days.putMinute({
      minuteMs: piece.minuteMs,
      appliedTo: piece.appliedTo,
      dictionary: merged ? dictionary.hash : piece.dictionary,
      readings: merged ? readingCount(columns) : piece.readings,
      block: merged ? encodeBlock(dictionary, columns) : piece.block,
      summaries: packSummaries(dictionary, panes),
      panes: encodePanes(row),
    });
    this.reader.remember(piece.minuteMs, columns, panes);
    this.#noteSealed(piece.minuteMs);
  }

  #merged(kept: SealedMinute, columns: BlockColumn[]): BlockColumn[] {
    const before = this.reader.decode(kept);
    if (before.length === 0) {
      if (kept.block && kept.readings > 0) this.#options.onUnreadable(kept.minuteMs, kept.block);
      return columns;
    }
    const byTag = Map.groupBy([...before, ...columns], ({ tag }) => tag);
    return [...byTag.keys()]
      .sort((a, b) => a - b)
      .map((tag) => joinColumns(tag, byTag.get(tag) as BlockColumn[]));
  }

  #noteSealed(startMs: number): void {
    this.#dirtyHours.add(Math.floor(startMs / hourMs) * hourMs);
    this.#newestMinuteMs = Math.max(this.#newestMinuteMs, startMs);
    for (const hour of [...this.#dirtyHours]) {
      if (hour + hourMs > this.#newestMinuteMs) continue;
      this.#dirtyHours.delete(hour);
      this.#sumHour(hour);
    }
  }

  #sumHour(hour: number): void {
    const parts = [...this.#days.minutePanes(hour, hour + hourMs)].map(({ atMs, panes }) => ({
      atMs,
      panes: decodePanes(panes),
    }));
    const panes = mergePanes(parts, this.#options.tags.rows.length);
    this.#days.putHours([{ hourMs: hour, panes: encodePanes(panes) }]);
  }

  /** Brings the day files up to the journal after a death between the two. */
  #recover(): void {
    this.#days.checkNewest();
    const span = this.#days.span();
    if (span) {
      this.#newestMinuteMs = span.toMs;
      const hour = Math.floor(span.toMs / hourMs) * hourMs;
      this.#dirtyHours.add(hour).add(hour - hourMs);
    }
    const rows = this.#options.journal
      .prepare("SELECT * FROM sealing ORDER BY number")
      .all<SealingRow>();
    for (const row of rows) {
      const dictionary = this.#options.tags.dictionaryOf(row.dictionary);
      const decoded = dictionary && decodeBlock(dictionary, row.block);
      if (decoded?.ok) {
        this.#apply({
          minuteMs: row.minute_ms,
          appliedTo: row.applied_to,
          dictionary: row.dictionary,
          columns: decoded.columns,
          panes: unpackSummaries(dictionary, row.summaries),
          block: row.block,
          readings: row.readings,
        });
      }
      this.#appliedSealing = row.number;
    }
    const untilMs = this.#untilMs(this.#options.clock.nowMs());
    const last = span && this.#days.minute(this.#newestMinuteMs);
    for (const column of last ? this.reader.decode(last) : []) this.newest.take(column, untilMs);
    for (const pane of last ? this.reader.summaries(last) : [])
      this.newest.take(newestOf(pane), untilMs);
  }
}

interface SealingRow {
  number: number;
  minute_ms: number;
  applied_to: number;
  dictionary: number;
  readings: number;
  block: Uint8Array;
  summaries: Uint8Array | null;
}
