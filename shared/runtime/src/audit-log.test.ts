import fc from "fast-check";
import { expect, test } from "vitest";
import { openAuditLog } from "./audit-log.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";
import type { SqlDatabase } from "./sql.ts";

const open = (): SqlDatabase => openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });

function filled(count: number) {
  const db = open();
  let nowMs = 1_000;
  const log = openAuditLog(db, () => nowMs++);
  for (let i = 1; i <= count; i++) {
    log.append({ actor: `user-${i}`, action: "alarm.ack", subject: `A${i}`, detail: `note ${i}` });
  }
  return { db, log };
}

test("rows come back newest first, and the chain holds over a reopening", () => {
  const { db, log } = filled(3);
  expect(log.recent(2)).toEqual([
    {
      sequence: 3,
      atMs: 1_002,
      actor: "user-3",
      action: "alarm.ack",
      subject: "A3",
      detail: "note 3",
    },
    {
      sequence: 2,
      atMs: 1_001,
      actor: "user-2",
      action: "alarm.ack",
      subject: "A2",
      detail: "note 2",
    },
  ]);
  const again = openAuditLog(db, () => 5_000);
  expect(again.append({ actor: "a", action: "b", subject: "c", detail: "d" }).sequence).toBe(4);
  expect(again.verify()).toEqual({ ok: true, head: again.head() });
});

test("an empty log is whole; its hash is a golden value", () => {
  const { log } = filled(0);
  expect(log.verify()).toEqual({ ok: true, head: { sequence: 0, hash: "0".repeat(64) } });
  expect(filled(2).log.head().hash).toBe(
    "06e349ca2f0e2d3078f2d4b03d80169c16b779c15362a9acef2502ae79d5a64a",
  );
});

test("any edit, deletion or swap of rows is found, at its place", () => {
  const column = fc.constantFrom("at_ms", "actor", "action", "subject", "detail", "hash");
  const change = fc.oneof(
    fc.record({ kind: fc.constant("edit" as const), column, at: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant("delete" as const), column, at: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant("swap" as const), column, at: fc.integer({ min: 1, max: 7 }) }),
    fc.record({ kind: fc.constant("insert" as const), column, at: fc.integer({ min: 1, max: 7 }) }),
  );
  fc.assert(
    fc.property(change, ({ kind, column, at }) => {
      const { db, log } = filled(8);
      if (kind === "edit") {
        const value = column === "at_ms" ? "at_ms + 1" : `${column} || 'x'`;
        db.exec(`UPDATE audit SET ${column} = ${value} WHERE sequence = ${at}`);
      } else if (kind === "delete") {
        db.exec(`DELETE FROM audit WHERE sequence = ${at}`);
      } else if (kind === "swap") {
        db.exec(`UPDATE audit SET sequence = -1 WHERE sequence = ${at};
          UPDATE audit SET sequence = ${at} WHERE sequence = ${at + 1};
          UPDATE audit SET sequence = ${at + 1} WHERE sequence = -1`);
      } else {
        db.exec(`UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= ${at};
          UPDATE audit SET sequence = -sequence WHERE sequence < 0;
          INSERT INTO audit SELECT ${at}, at_ms, actor, action, subject, detail, hash FROM audit ORDER BY sequence DESC LIMIT 1`);
      }
      const verdict = log.verify();
      expect(verdict).toMatchObject({ ok: false, brokenAt: at });
      db.close();
    }),
  );
});

test("a log cut and given a matching head is found by a head noted elsewhere", () => {
  const { db, log } = filled(5);
  const noted = log.head();
  db.exec("DELETE FROM audit WHERE sequence > 3");
  expect(log.verify()).toEqual({ ok: false, brokenAt: 4 });
  db.exec("UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit WHERE sequence = 3)");
  expect(log.verify()).toMatchObject({ ok: true });
  expect(log.verify(noted)).toEqual({ ok: false, brokenAt: 4 });
  for (let i = 0; i < 2; i++) log.append({ actor: "x", action: "x", subject: "x", detail: "x" });
  expect(log.verify(noted)).toEqual({ ok: false, brokenAt: 5 });
});

test("an append inside a transaction that fails leaves no trace", () => {
  const { db, log } = filled(1);
  expect(() =>
    db.transaction(() => {
      log.append({ actor: "a", action: "b", subject: "c", detail: "d" });
      throw new RangeError("the work failed");
    }),
  ).toThrow("the work failed");
  expect(log.recent(9)).toHaveLength(1);
  expect(log.verify()).toMatchObject({ ok: true });
});

test("an entry of no end is refused", () => {
  const { log } = filled(0);
  const detail = "x".repeat(20_000);
  expect(() => log.append({ actor: "a", action: "b", subject: "c", detail })).toThrow(
    /longer than/,
  );
});
