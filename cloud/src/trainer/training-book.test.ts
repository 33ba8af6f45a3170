import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { trainingQueueMax } from "../limits.ts";
import { createTrainingBook, trainingMigration } from "./training-book.ts";

const openRig = () => {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [trainingMigration] });
  const open = () => createTrainingBook(db, new SimulatedClock(1_000));
  return { open, book: open() };
};
const request = (stage: string) => ({ site: "riverside", stage, kind: "forest" as const });

test("jobs are taken in order; one that waits already is not queued twice", () => {
  const { book } = openRig();
  const first = book.queue(request("a"));
  expect(book.queue(request("a")).id).toBe(first.id);
  book.queue(request("b"));
  expect(book.take()).toMatchObject({ id: first.id, state: "running", startedAtMs: 1_000 });
  expect(book.take()?.stage).toBe("b");
  expect(book.take()).toBeUndefined();
  book.update(first.id, { state: "done", loss: [1, 0.5], model: "forest/a@1" });
  expect(book.list().at(-1)).toMatchObject({ state: "done", loss: [1, 0.5], stage: "a" });
  expect(book.waitingCount()).toBe(1);
});

test("a lower rank comes first, whatever came before", () => {
  const { book } = openRig();
  book.queue({ ...request("later"), rank: 5 });
  book.queue({ ...request("sooner"), rank: 2 });
  book.queue(request("asked"));
  expect([1, 2, 3].map(() => book.take()?.stage)).toEqual(["asked", "sooner", "later"]);
});

test("a job that ran when the process died runs again, three times at most", () => {
  const rig = openRig();
  rig.book.queue(request("a"));
  for (let start = 0; start < 3; start++) {
    const book = rig.open();
    expect(book.take()?.stage).toBe("a");
  }
  const last = rig.open();
  expect(last.take()).toBeUndefined();
  expect(last.list()[0]).toMatchObject({
    state: "failed",
    error: expect.stringContaining("3 starts"),
  });
});

test("the queue has an end", () => {
  const { book } = openRig();
  for (let i = 0; i < trainingQueueMax; i++) book.queue(request(`s${i}`));
  expect(() => book.queue(request("more"))).toThrow("100 training jobs are waiting");
});
