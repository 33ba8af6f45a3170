/**
 * Sealed history on disk: one SQLite file per plant day, so that retention deletes whole files and
 * never has to free pages inside one. A minute's row is written whole or not at all.
 */
import { flawOf, isDamage } from "@weir/runtime/set-aside.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export const dayMs = 86_400_000;

/** Day files kept open at once; a file costs about 100 kB of page cache. */
const openFilesMax = 6;

export const dayMigrations: readonly string[] = [
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
  // A journal that was restored asks how far its numbers have been used.
  "CREATE INDEX minutes_applied ON minutes (applied_to);",
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
  /** Moves a damaged file out of the way; returns where it is now. */
  setAside(day: string, nowMs: number): string;
}

export interface DayFilesOptions {
  folder: DayFolder;
  /** Names what is set aside. */
  nowMs: () => number;
  /** A day's file was damaged: it is aside, and what the day gets from now on goes into a new one. */
  onDamaged: (day: string, aside: { movedTo: string; why: string }) => void;
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
  readonly #options: DayFilesOptions;
  /** In order of use, the newest last. */
  readonly #open = new Map<string, OpenDay>();
  readonly #known: Set<string>;

  constructor(options: DayFilesOptions) {
    this.#options = options;
    this.#folder = options.folder;
    this.#known = new Set(this.#folder.list().map(({ day }) => day));
  }

  /** Reads the newest day through, for damage that shows only where it is read. */
  checkNewest(): void {
    const newest = [...this.#known].sort().at(-1);
    if (newest === undefined) return;
    this.#read(newest, undefined, ({ db }) => {
      const flaw = flawOf(db);
      if (flaw !== undefined) this.#dropDamaged(newest, flaw);
    });
  }

  minute(minuteMs: number): SealedMinute | undefined {
    const row = this.#read(dayOf(minuteMs), undefined, (day) =>
      day.getMinute.get<MinuteColumns>(minuteMs),
    );
    return row && fromColumns(row);
  }

  putMinute(minute: SealedMinute): void {
    this.#write(dayOf(minute.minuteMs), (day) => writeMinute(day, minute));
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
    return this.#read(dayOf(hourMs), undefined, (day) =>
      day.getHour.get<{ panes: Uint8Array }>(hourMs),
    )?.panes;
  }

  /** Panes of the minutes that start in [fromMs, toMs), oldest first. */
  *minutePanes(fromMs: number, toMs: number): Generator<{ atMs: number; panes: Uint8Array }> {
    for (const day of this.#daysBetween(fromMs, toMs)) {
      yield* this.#read(day, [], ({ rangeMinutes }) =>
        rangeMinutes.all<{ atMs: number; panes: Uint8Array }>(fromMs, toMs),
      );
    }
  }

  *hourPanes(fromMs: number, toMs: number): Generator<{ atMs: number; panes: Uint8Array }> {
    for (const day of this.#daysBetween(fromMs, toMs)) {
      yield* this.#read(day, [], ({ rangeHours }) =>
        rangeHours.all<{ atMs: number; panes: Uint8Array }>(fromMs, toMs),
      );
    }
  }

  /** Minute starts of the first and the last minute kept, or `undefined` when there is none. */
  span(): { fromMs: number; toMs: number } | undefined {
    const days = [...this.#known].sort();
    const edges = [days, [...days].reverse()].map((order, end) => {
      for (const name of order) {
        const row = this.#read(name, undefined, ({ db }) =>
          db
            .prepare(`SELECT ${end === 0 ? "min" : "max"}(minute_ms) AS at FROM minutes`)
            .get<{ at: number | null }>(),
        );
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
      this.#write(name, (day) =>
        day.db.transaction(() => {
          for (const item of group) write(day, item);
        }),
      );
    }
  }

  /** What `work` finds in a day that is there; `otherwise` without one, and of one that is damaged. */
  #read<T>(name: string, otherwise: T, work: (day: OpenDay) => T): T {
    if (!this.#known.has(name)) return otherwise;
    try {
      return work(this.#day(name));
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#dropDamaged(name, (error as Error).message);
      return otherwise;
    }
  }

  /** Into the day's file, or into a new one when that is damaged. */
  #write(name: string, work: (day: OpenDay) => void): void {
    try {
      work(this.#day(name));
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#dropDamaged(name, (error as Error).message);
      work(this.#day(name));
    }
  }

  #dropDamaged(name: string, why: string): void {
    this.#open.get(name)?.db.close();
    this.#open.delete(name);
    this.#known.delete(name);
    const { nowMs, onDamaged } = this.#options;
    onDamaged(name, { movedTo: this.#folder.setAside(name, nowMs()), why });
  }

  #daysBetween(fromMs: number, toMs: number): string[] {
    const first = dayOf(fromMs);
    const last = dayOf(Math.max(fromMs, toMs - 1));
    return [...this.#known].filter((day) => day >= first && day <= last).sort();
  }

  /** Made when it is not there. */
  #day(name: string): OpenDay {
    const kept = this.#open.get(name);
    if (kept) {
      this.#open.delete(name);
      this.#open.set(name, kept);
      return kept;
    }
    const day = prepareDay(this.#folder.open(name, dayMigrations));
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
