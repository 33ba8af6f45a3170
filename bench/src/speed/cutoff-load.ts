/** Thread: an uplink that is never done. It computes without a pause and, unless told otherwise, commits to SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { takePriority } from "@weir/edge/thread-priority.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { Load } from "./cutoff-plant.ts";

const commitEveryMs = 50;
const rowsPerCommit = 100;

const load = workerData as Load;

if (parentPort) {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const db = openSqlite(join(folder, "load.db"), {
    synchronous: "FULL",
    migrations: ["CREATE TABLE parcels (id INTEGER PRIMARY KEY, bytes BLOB)"],
  });
  const insert = db.prepare("INSERT INTO parcels (bytes) VALUES (?)");
  const bytes = new Uint8Array(1_024);
  takePriority("background");
  let isOver = false;
  parentPort.once("message", () => {
    isOver = true;
  });
  const work = () => {
    if (isOver) {
      db.close();
      rmSync(folder, { recursive: true });
      parentPort?.postMessage("over");
      return;
    }
    const endMs = performance.now() + commitEveryMs;
    let sum = 0;
    while (performance.now() < endMs) {
      for (let i = 0; i < 10_000; i++) sum += Math.sin(i);
    }
    bytes[0] = sum;
    if (load === "arithmetic") {
      setImmediate(work);
      return;
    }
    db.transaction(() => {
      for (let i = 0; i < rowsPerCommit; i++) insert.run(bytes);
    });
    db.exec("DELETE FROM parcels");
    setImmediate(work);
  };
  work();
}
