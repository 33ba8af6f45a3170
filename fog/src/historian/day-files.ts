/**
 * Sealed history on disk: one SQLite file per plant day, so that retention deletes whole files and
 * never has to free pages inside one. A minute's row is written whole or not at all.
 */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export const dayMs = 86_400_000;

/** Day files kept open at once; a file costs about 100 kB of page cache. */
const openFilesMax = 6;

const migrations: readonly string[] = [
  `
  CREATE TABLE minutes (
    minute_ms INTEGER PRIMARY KEY,
    applied_to INTEGER NOT NULL,
    dictionary INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    block BLOB,                     -- NULL: imported, only panes are known
    panes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE hours (hour_ms INTEGER PRIMARY KEY, panes BLOB NOT NULL) STRICT;
  `,
  "ALTER TABLE minutes ADD COLUMN summaries BLOB;",
];

export interface SealedMinute {
  minuteMs: number;
  appliedTo: number;
  dictionary: number;
  readings: number;
  block: Uint8Array | null;
  /** Panes of 5 seconds of summarised tags, whose readings are in no block; see summaries.ts. */
  summaries: Uint8Array | null;
  panes: Uint8Array;
}

/** Where the day files live. `day` is "2026-06-02". */
export interface DayFolder {
  list(): { day: string; bytes: number }[];
  open(day: string, migrations: readonly string[]): SqlDatabase;
  remove(day: string): void;
}

interface OpenDay {
  db: SqlDatabase;
  getMinute: SqlStatement;
  putMinute: SqlStatement;
  getHour: SqlStatement;
  putHour: SqlStatement;
  rangeMinutes: SqlStatement;
  rangeHours: SqlStatement;
}

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export class DayFiles {
  readonly #folder: DayFolder;
  /** In order of use, the newest last. */
  readonly #open = new Map<string, OpenDay>();
  readonly #known: Set<string>;

  constructor(folder: DayFolder) {
    this.#folder = folder;
    this.#known = new Set(folder.list().map(({ day }) => day));
  }

  minute(minuteMs: number): SealedMinute | undefined {
    const day = this.#day(dayOf(minuteMs), { create: false });
    const row = day?.getMinute.get<MinuteColumns>(minuteMs);
    return row && fromColumns(row);
  }

  putMinute(minute: SealedMinute): void {
    const day = this.#day(dayOf(minute.minuteMs), { create: true }) as OpenDay;
    writeMinute(day, minute);
  }

  /** Many at once, of any days: one transaction a day. */
  putMinutes(minutes: readonly SealedMinute[]): void {
    this.#perDay(minutes, (m) => m.minuteMs, writeMinute);
  }

  putHours(hours: readonly { hourMs: number; panes: Uint8Array }[]): void {
    this.#perDay(
      hours,
      (h) => h.hourMs,
      (day, hour) => void day.putHour.run(hour.hourMs, hour.panes),
    );
  }

  hour(hourMs: number): Uint8Array | undefined {
    const day = this.#day(dayOf(hourMs), { create: false });
    return day?.getHour.get<{ panes: Uint8Array }>(hourMs)?.panes;
  }

  /** Panes of the minutes that start in [fromMs, toMs), oldest first. */
  *minutePanes(fromMs: number, toMs: number): Generator<{ atMs: number; panes: Uint8Array }> {
    for (const day of this.#daysBetween(fromMs, toMs)) {
      const open = this.#day(day, { create: false });
      yield* open?.rangeMinutes.all<{ atMs: number; panes: Uint8Array }>(fromMs, toMs) ?? [];
    }
  }

  *hourPanes(fromMs: number, toMs: number): Generator<{ atMs: number; panes: Uint8Array }> {
    for (const day of this.#daysBetween(fromMs, toMs)) {
      const open = this.#day(day, { create: false });
      yield* open?.rangeHours.all<{ atMs: number; panes: Uint8Array }>(fromMs, toMs) ?? [];
    }
  }

  /** Minute starts of the first and the last minute kept, or `undefined` when there is none. */
  span(): { fromMs: number; toMs: number } | undefined {
    const days = [...this.#known].sort();
    const edges = [days, [...days].reverse()].map((order, end) => {
      for (const name of order) {
        const row = this.#day(name, { create: false })
          ?.db.prepare(`SELECT ${end === 0 ? "min" : "max"}(minute_ms) AS at FROM minutes`)
          .get<{ at: number | null }>();
        if (row && row.at !== null) return row.at;
      }
      return undefined;
    });
    const [fromMs, toMs] = edges;
    return fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  }

  bytes(): number {
    return this.#folder.list().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Deletes whole days: older than `ageMaxMs`, then the oldest until `bytesMax` holds. Returns them. */
  retain(limits: { nowMs: number; ageMaxMs: number; bytesMax: number }): string[] {
    const days = this.#folder.list().sort((a, b) => (a.day < b.day ? -1 : 1));
    let total = days.reduce((sum, { bytes }) => sum + bytes, 0);
    const oldest = dayOf(limits.nowMs - limits.ageMaxMs);
    const gone: string[] = [];
    // The newest day always stays: it is being written.
    for (const { day, bytes } of days.slice(0, -1)) {
      if (day >= oldest && total <= limits.bytesMax) break;
      this.#open.get(day)?.db.close();
      this.#open.delete(day);
      this.#known.delete(day);
      this.#folder.remove(day);
      total -= bytes;
      gone.push(day);
    }
    return gone;
  }

  close(): void {
    for (const { db } of this.#open.values()) db.close();
    this.#open.clear();
  }

  #perDay<T>(
    items: readonly T[],
    atMs: (item: T) => number,
    write: (day: OpenDay, item: T) => void,
  ) {
    for (const [name, group] of Map.groupBy(items, (item) => dayOf(atMs(item)))) {
      const day = this.#day(name, { create: true }) as OpenDay;
      day.db.transaction(() => {
        for (const item of group) write(day, item);
      });
    }
  }

  #daysBetween(fromMs: number, toMs: number): string[] {
    const first = dayOf(fromMs);
    const last = dayOf(Math.max(fromMs, toMs - 1));
    return [...this.#known].filter((day) => day >= first && day <= last).sort();
  }

  #day(name: string, options: { create: boolean }): OpenDay | undefined {
    const kept = this.#open.get(name);
    if (kept) {
      this.#open.delete(name);
      this.#open.set(name, kept);
      return kept;
    }
    if (!options.create && !this.#known.has(name)) return undefined;
    const day = prepareDay(this.#folder.open(name, migrations));
    this.#known.add(name);
    this.#open.set(name, day);
    if (this.#open.size > openFilesMax) {
      const [oldest, { db }] = this.#open.entries().next().value as [string, OpenDay];
      db.close();
      this.#open.delete(oldest);
    }
    return day;
  }
}

function prepareDay(db: SqlDatabase): OpenDay {
  return {
    db,
    getMinute: db.prepare("SELECT * FROM minutes WHERE minute_ms = ?"),
    putMinute: db.prepare(
      "INSERT OR REPLACE INTO minutes (minute_ms, applied_to, dictionary, readings, block, panes, summaries) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    getHour: db.prepare("SELECT panes FROM hours WHERE hour_ms = ?"),
    putHour: db.prepare("INSERT OR REPLACE INTO hours (hour_ms, panes) VALUES (?, ?)"),
    rangeMinutes: db.prepare(
      "SELECT minute_ms AS atMs, panes FROM minutes WHERE minute_ms >= ? AND minute_ms < ? ORDER BY minute_ms",
    ),
    rangeHours: db.prepare(
      "SELECT hour_ms AS atMs, panes FROM hours WHERE hour_ms >= ? AND hour_ms < ? ORDER BY hour_ms",
    ),
  };
}

interface MinuteColumns {
  minute_ms: number;
  applied_to: number;
  dictionary: number;
  readings: number;
  block: Uint8Array | null;
  panes: Uint8Array;
  summaries: Uint8Array | null;
}

const fromColumns = (row: MinuteColumns): SealedMinute => ({
  minuteMs: row.minute_ms,
  appliedTo: row.applied_to,
  dictionary: row.dictionary,
  readings: row.readings,
  block: row.block,
  panes: row.panes,
  summaries: row.summaries,
});

function writeMinute(day: OpenDay, minute: SealedMinute): void {
  day.putMinute.run(
    minute.minuteMs,
    minute.appliedTo,
    minute.dictionary,
    minute.readings,
    minute.block,
    minute.panes,
    minute.summaries,
  );
}
