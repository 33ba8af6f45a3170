import { expect, test } from "vitest";
import { openAuditLog } from "./audit-log.ts";
import { integrityCodes, integrityFigures, openIntegrityLog } from "./integrity-log.ts";
import { createLogger } from "./logger.ts";
import { openSqlite } from "./sql.better-sqlite3.ts";

function rig() {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });
  const clock = { ms: 1_000 };
  const lines: string[] = [];
  const nowMs = () => clock.ms;
  const logger = createLogger({ level: "info", json: true, nowMs, write: (l) => lines.push(l) });
  const audit = openAuditLog(db, nowMs);
  const open = () => openIntegrityLog({ db, nowMs, logger, audit });
  return { clock, lines, audit, open };
}

const gap = { code: "gap", subject: "edge-w", text: "batches 5 to 9 will not come" } as const;

test("a finding is told once in log and audit, counted each time, and outlives the process", () => {
  const { clock, lines, audit, open } = rig();
  open().note(gap);
  clock.ms = 5_000;
  open().note(gap);
  const again = open();
  expect(again.list(10)).toMatchObject([{ ...gap, firstAtMs: 1_000, lastAtMs: 5_000, count: 2 }]);
  expect(again.count("gap")).toBe(2);
  expect(again.count("clone")).toBe(0);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("batches 5 to 9 will not come");
  expect(audit.recent(5)).toMatchObject([{ action: "integrity.gap", subject: "edge-w" }]);
  expect(audit.verify().ok).toBe(true);
});

test("it is a problem of health for a day after it was last found", () => {
  const { clock, open } = rig();
  const log = open();
  log.note(gap);
  expect(log.problems()).toHaveLength(1);
  clock.ms += 86_399_000;
  expect(log.problems()).toHaveLength(1);
  clock.ms += 2_000;
  expect(log.problems()).toEqual([]);
  expect(log.list(10)).toHaveLength(1);
});

test("every code has a figure of its tier, which counts", () => {
  const log = rig().open();
  log.note({ ...gap, code: "set-back" });
  log.note({ ...gap, code: "set-back" });
  const figures = new Map(integrityFigures("cloud", log).map(([name, , read]) => [name, read()]));
  expect(figures.size).toBe(integrityCodes.length);
  expect(figures.get("weir_cloud_integrity_set_back")).toBe(2);
  expect(figures.get("weir_cloud_integrity_gap")).toBe(0);
});

test("every code can be noted", () => {
  const { open } = rig();
  const log = open();
  for (const code of integrityCodes) log.note({ code, subject: "x", text: code });
  expect(log.problems()).toHaveLength(integrityCodes.length);
});
