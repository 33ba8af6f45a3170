import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { edgeMigrations } from "../edge-schema.ts";
import { OutboxStore } from "./outbox-store.ts";

test("the reserve is free pages inside the file, and growing it again adds none", () => {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: edgeMigrations });
  const store = new OutboxStore(db);
  const reserveBytes = 8 * 1024 * 1024;
  store.growReserve(reserveBytes);
  expect(store.freeBytes()).toBeGreaterThanOrEqual(reserveBytes);
  const before = store.freeBytes();
  store.growReserve(reserveBytes);
  expect(store.freeBytes()).toBe(before);
});
