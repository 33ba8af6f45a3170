import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterAll, expect, test } from "vitest";
import { eventLogConformance } from "./event-log.conformance.ts";
import { createSqliteLog, sqliteLogMigrations } from "./event-log.sqlite.ts";
import type { EventLog } from "./event-log.ts";

const root = mkdtempSync(join(tmpdir(), "weir-log-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const files = new Map<EventLog, string>();
let count = 0;

function open(file: string): EventLog {
  const log = createSqliteLog(
    openSqlite(file, { synchronous: "NORMAL", migrations: sqliteLogMigrations }),
  );
  files.set(log, file);
  return log;
}

eventLogConformance("the SQLite log", {
  create: async () => open(join(root, `${count++}.db`)),
  // The old one is dropped without being closed, as a killed process would leave it.
  reopen: async (log) => open(files.get(log) as string),
});

const writer = `
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { createSqliteLog, sqliteLogMigrations } from ${JSON.stringify(new URL("./event-log.sqlite.ts", import.meta.url).href)};
const log = createSqliteLog(openSqlite(process.argv[1], { synchronous: "FULL", migrations: sqliteLogMigrations }));
for (let sequence = 1; ; sequence++) {
  await log.append({ source: "a", epoch: 1, atMs: 0, items: [{ sequence, kind: "k", body: new Uint8Array(200) }] });
  process.stdout.write(sequence + "\\n");
}`;

test("every answered append survives kill -9", async () => {
  const file = join(root, "killed.db");
  const child = spawn(process.execPath, ["--input-type=module", "-e", writer, file], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: new URL(".", import.meta.url),
  });
  let answered = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    answered = Number(line);
    if (answered >= 300) break;
  }
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  const log = open(file);
  const { durableSequence } = await log.append({ source: "a", epoch: 1, atMs: 0, items: [] });
  expect(durableSequence).toBeGreaterThanOrEqual(answered);
  expect(log.size().itemCount).toBe(durableSequence);
  log.close();
});
