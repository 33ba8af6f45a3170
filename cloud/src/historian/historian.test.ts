/** The historian over a log that is read again after every crash: each reading counts once. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { silentLogger } from "@weir/runtime/logger.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import fc from "fast-check";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterAll, expect, onTestFinished, test } from "vitest";
import {
  feedTags,
  item,
  type MinuteOptions,
  minuteBody,
  site,
  tagsBody,
} from "../../test/site-feed.ts";
import { temporaryDir } from "../../test/temporary-dir.ts";
import { encodeItem } from "../ingest/item-kind.ts";
import { dayMs, hourMs, minuteMs } from "../limits.ts";
import { createSqliteLog, sqliteLogMigrations } from "../log/event-log.sqlite.ts";
import type { EventLog } from "../log/event-log.ts";
import { createHistorian, historianMigrations } from "./historian.ts";
import { openDuckdbFiles } from "./history-files.duckdb.ts";
import type { HistoryFiles } from "./history-files.ts";
import { emptyTable, pushRow } from "./history-table.ts";

const dayStartMs = Date.UTC(2026, 5, 2);
const tagIds = feedTags.map((tag) => tag.id);
const files = await openDuckdbFiles();
afterAll(() => files.close());

/** Minute by minute different, the same for the same minute. */
const value: MinuteOptions["value"] = (tag, atMs) =>
  1 + tagIds.indexOf(tag.id) + ((atMs / 1_000) % 977) / 1_000;

function openLog(): EventLog {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: sqliteLogMigrations });
  onTestFinished(() => db.close());
  return createSqliteLog(db);
}

function appender(log: EventLog) {
  let sequence = 0;
  return async (body: Parameters<typeof item>[1]) => {
    const one = item(++sequence, body);
    await log.append({
      ...{ source: site, epoch: 1, atMs: 0 },
      items: [{ sequence, kind: body.case as string, body: encodeItem(one) }],
    });
  };
}

const openOn = (folder: string, log: EventLog, through: HistoryFiles = files) =>
  createHistorian({
    log,
    db: openSqlite(join(folder, "history.db"), {
      synchronous: "NORMAL",
      migrations: historianMigrations,
    }),
    folder: join(folder, "history"),
    files: through,
    logger: silentLogger,
  });

class Crash extends Error {}

/** `object` whose methods count down together; at nought one dies, before or after its work. */
function mortal<T extends object>(object: T, life: { calls: number; isAfter: boolean }): T {
  return new Proxy(object, {
    get(target, key) {
      const member = Reflect.get(target, key) as unknown;
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (key === "onAppend" || key === "close" || life.calls < 0)
          return member.apply(target, args);
        if (life.calls-- > 0) return member.apply(target, args);
        if (!life.isAfter) throw new Crash();
        return Promise.resolve(member.apply(target, args)).then(() => {
          throw new Crash();
        });
      };
    },
  });
}

test("minutes count once over crashes at any point, open and sealed alike", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(12), fc.boolean()), { maxLength: 6 }),
      fc.uniqueArray(fc.nat(60 * 26), { minLength: 1, maxLength: 12 }),
      async (crashes, minutes) => {
        const folder = temporaryDir();
        const log = openLog();
        const append = appender(log);
        await append(tagsBody());
        for (const [i, minute] of minutes.entries()) {
          await append(minuteBody(dayStartMs + minute * minuteMs, { value }));
          const [calls, isAfter] = crashes[i % Math.max(1, crashes.length)] ?? [99, false];
          const life = { calls, isAfter };
          const historian = openOn(folder, mortal(log, life), mortal(files, life));
          await historian.consumer.drain().catch(() => {});
          await historian.seal(dayStartMs + 2 * dayMs).catch(() => {});
          // Dropped without being stopped, as a killed process leaves it.
        }
        const last = openOn(folder, log);
        await last.consumer.drain();
        if (minutes.length % 2 === 0) await last.seal(dayStartMs + 3 * dayMs);
        const range = { fromMs: dayStartMs, toMs: dayStartMs + 2 * dayMs };
        const found = await last.minutely(site, tagIds, range);
        const expected = minutes.toSorted((a, b) => a - b).map((m) => dayStartMs + m * minuteMs);
        for (const tag of feedTags) {
          const list = found.get(tag.id) ?? [];
          expect(list.map((summary) => summary.atMs)).toEqual(expected);
          expect(list.map((summary) => summary.n)).toEqual(list.map(() => minuteMs / tag.periodMs));
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("a sealed day says the same as the open one, to DuckDB and to hyparquet", async () => {
  const folder = temporaryDir();
  const log = openLog();
  const append = appender(log);
  await append(tagsBody());
  for (let m = 0; m < 150; m += 7) await append(minuteBody(dayStartMs + m * minuteMs, { value }));
  const historian = openOn(folder, log);
  await historian.consumer.drain();
  const range = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
  const openMinutes = await historian.minutely(site, tagIds, range);
  const openHours = await historian.hourly(site, tagIds, range);
  expect(await historian.seal(dayStartMs + dayMs)).toBe(0); // still within its grace
  expect(await historian.seal(dayStartMs + 2 * dayMs)).toBe(1);
  expect(await historian.minutely(site, tagIds, range)).toEqual(openMinutes);
  const hours = await historian.hourly(site, tagIds, range);
  for (const [tag, list] of hours) {
    for (const [i, hour] of list.entries()) {
      const before = openHours.get(tag)?.[i];
      expect(hour.n).toBe(before?.n);
      for (const key of ["mean", "min", "max", "sd"] as const) {
        expect(hour[key]).toBeCloseTo(before?.[key] ?? Number.NaN, 9);
      }
      expect(hour.slopePerS).toBeCloseTo(before?.slopePerS ?? Number.NaN, 7);
    }
  }
  const dayFolder = join(folder, "history", site, "minute");
  const [name = ""] = readdirSync(dayFolder);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(join(dayFolder, name)),
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
  const expected = tagIds.toSorted().flatMap((tag) =>
    (openMinutes.get(tag) ?? []).map(({ atMs, slopePerS, ...rest }) => ({
      ...{ tag, at_ms: atMs, ...rest, slope_per_s: slopePerS },
    })),
  );
  expect(rows).toEqual(expected);
});

test("late minutes of a sealed day join it when it is sealed again", async () => {
  const folder = temporaryDir();
  const log = openLog();
  const append = appender(log);
  await append(tagsBody());
  await append(minuteBody(dayStartMs, { value }));
  const historian = openOn(folder, log);
  await historian.consumer.drain();
  await historian.seal(dayStartMs + 2 * dayMs);
  await append(minuteBody(dayStartMs + hourMs, { value, backlog: true }));
  await historian.consumer.drain();
  expect(await historian.seal(dayStartMs + 2 * dayMs)).toBe(1);
  const range = { fromMs: dayStartMs, toMs: dayStartMs + dayMs };
  const found = await historian.hourly(site, tagIds, range);
  expect(found.get(tagIds[0] ?? "")?.map((hour) => hour.atMs - dayStartMs)).toEqual([0, hourMs]);
});

test("a block nobody can read is set aside, and what follows is kept", async () => {
  const folder = temporaryDir();
  const log = openLog();
  const append = appender(log);
  await append(minuteBody(dayStartMs, { value })); // no tag table yet
  await append(tagsBody());
  const broken = minuteBody(dayStartMs + minuteMs, { value });
  if (broken.case === "minute") broken.value.block = broken.value.block.map((byte) => byte ^ 0x55);
  await append(broken);
  await append(minuteBody(dayStartMs + 2 * minuteMs, { value }));
  const historian = openOn(folder, log);
  await historian.consumer.drain();
  const range = { fromMs: dayStartMs, toMs: dayStartMs + hourMs };
  const found = await historian.minutely(site, tagIds, range);
  expect(found.get(tagIds[0] ?? "")?.map((m) => m.atMs)).toEqual([dayStartMs + 2 * minuteMs]);
  const db = openSqlite(join(folder, "history.db"), {
    synchronous: "NORMAL",
    migrations: historianMigrations,
  });
  const letters = db.prepare("SELECT why FROM dead_letter ORDER BY offset").all<{ why: string }>();
  expect(letters).toHaveLength(2);
  expect(letters[0]?.why).toContain("has not announced tag table");
});

test("minutes of a table that was replaced before it was sent are read by the table that extends it", async () => {
  const folder = temporaryDir();
  const log = openLog();
  const append = appender(log);
  const fewer = feedTags.slice(0, 2);
  await append(tagsBody()); // all three tags; the table of two was never sent
  await append(minuteBody(dayStartMs, { value, tags: fewer }));
  const historian = openOn(folder, log);
  await historian.consumer.drain();
  const range = { fromMs: dayStartMs, toMs: dayStartMs + hourMs };
  const found = await historian.minutely(site, tagIds, range);
  expect(tagIds.map((id) => found.get(id)?.length)).toEqual([1, 1, 0]);
});

test("imported hours and live minutes of the same day are one history; importing twice changes nothing", async () => {
  const folder = temporaryDir();
  const table = emptyTable();
  for (const tag of tagIds.toSorted()) {
    for (let h = -24; h < 5; h++) {
      const mean = 1 + h / 100;
      pushRow(table, {
        tag,
        atMs: dayStartMs + h * hourMs,
        n: 360,
        mean,
        min: mean,
        max: mean,
        sd: 0,
        slopePerS: 0,
      });
    }
  }
  const exported = join(folder, "hours.parquet");
  await files.writeTable(exported, table, { base: undefined, merge: "best" });
  const log = openLog();
  const append = appender(log);
  await append(tagsBody());
  for (let m = 0; m < 60; m++)
    await append(minuteBody(dayStartMs + 5 * hourMs + m * minuteMs, { value }));
  const historian = openOn(folder, log);
  await historian.importFiles(site, [exported]);
  await historian.importFiles(site, [exported]);
  await historian.consumer.drain();
  const range = { fromMs: dayStartMs - dayMs, toMs: dayStartMs + dayMs };
  const [id = ""] = tagIds;
  const before = (await historian.hourly(site, tagIds, range)).get(id) ?? [];
  expect(before).toHaveLength(30);
  expect(before.at(-1)).toMatchObject({ atMs: dayStartMs + 5 * hourMs, n: 3_600 });
  await historian.seal(dayStartMs + 2 * dayMs);
  const after = (await historian.hourly(site, tagIds, range)).get(id) ?? [];
  expect(after.map((hour) => hour.n)).toEqual(before.map((hour) => hour.n));
  expect(historian.oldestMs(site)).toBe(dayStartMs - dayMs);
});

test("a file that is no export is refused with its name and why", async () => {
  const historian = openOn(temporaryDir(), openLog());
  await expect(historian.importFiles(site, ["/nowhere.parquet"])).rejects.toMatchObject({
    code: "CLOUD_PARQUET_READ",
  });
});
