import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { LearnedModels, learnedModelsMigrations, resumeLearned } from "./learned-models.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 20);
const site = {
  site: { id: "yard", name: "Yard", tz: "UTC" },
  lines: [{ id: "L", name: "Line" }],
  stages: ["TANK1", "TANK2", "PUMP"].map((id) => ({
    ...{ id, name: id, line: "L", upstream: [], equipment: "" },
  })),
  kpis: [],
};

test("what was learned judges again; what is old, damaged or of no stage does not", async () => {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: learnedModelsMigrations });
  const models = new LearnedModels(db);
  const put = (stage: string, ageDays: number) =>
    models.put({ stage, onnx: new Uint8Array([1, 2, 3]), learnedAtMs: nowMs - ageDays * dayMs });
  put("TANK1", 6);
  put("TANK2", 8);
  put("PUMP", 1);
  put("GONE", 1);
  db.prepare("UPDATE learned_model SET onnx = ? WHERE stage = 'PUMP'").run(new Uint8Array([9]));
  const resumed: string[] = [];
  const detection = {
    resume: async ({ stage, onnx }: { stage: string; onnx: Uint8Array }) => {
      resumed.push(`${stage} ${onnx.join()}`);
      return { ok: true as const };
    },
  };
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: object) => warned.push(fields) };
  const clock = new SimulatedClock(nowMs);
  await resumeLearned(models, { detection, site, clock, logger });
  expect(resumed).toEqual(["TANK1 1,2,3"]);
  expect(warned).toEqual([
    { stage: "PUMP", why: "its bytes are not those that were kept" },
    { stage: "TANK2", why: "it is older than a week" },
  ]);
  // Dropped for good: the next start learns them.
  expect(models.restore(nowMs, () => expect.unreachable()).map(({ stage }) => stage)).toEqual([
    "GONE",
    "TANK1",
  ]);
});
