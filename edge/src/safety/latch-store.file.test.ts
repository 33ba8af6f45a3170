import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { u8 } from "@weir/contracts/elements.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { openLatchFile, slotSize } from "./latch-store.file.ts";
import type { LatchSaved, LatchStore } from "./latch-store.ts";
import { emptyState, type LatchedState } from "./safety-state.ts";

const savedBy = (store: LatchStore, state: LatchedState): LatchSaved | undefined => {
  let saved: LatchSaved | undefined;
  store.save(state, (result) => {
    saved = result;
  });
  return saved;
};

const newFile = () => join(tempDir(), "latched-trips");

const stateOf = (...ids: string[]): LatchedState => ({
  ...emptyState(),
  latches: Object.fromEntries(
    ids.map((id) => [
      id,
      {
        atMs: 1,
        cause: "free chlorine above 4 mg/L",
        value: Number.NaN,
        isFirstOut: true,
        isSimulated: true,
      },
    ]),
  ),
});

test("nothing was stored yet", () => {
  expect(openLatchFile(newFile()).load()).toEqual({ ok: true, state: undefined });
});

test("the newest of many states is what a new process reads", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  for (let i = 0; i < 9; i++) expect(savedBy(store, stateOf(`R${i}`))).toEqual({ ok: true });
  expect(openLatchFile(file).load()).toEqual({ ok: true, state: stateOf("R8") });
  expect(statSync(file).size, "written in place: a full disk is no obstacle").toBe(2 * slotSize);
});

test("a process that never loaded does not write over the newest state's slot first", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  savedBy(store, stateOf("A"));
  const next = openLatchFile(file);
  next.load();
  savedBy(next, stateOf("B"));
  expect(openLatchFile(file).load()).toEqual({ ok: true, state: stateOf("B") });
});

test("every flipped bit in a slot in use is noticed", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  savedBy(store, stateOf("A"));
  const bytes = readFileSync(file);
  const from = slotSize; // the first save goes to the second slot
  const used = 48 + bytes.readUInt32BE(from + 4);
  const fd = openSync(file, "r+");
  const put = (at: number, value: number) => writeSync(fd, Uint8Array.of(value), 0, 1, at);
  for (let bit = 0; bit < used * 8; bit++) {
    const at = from + (bit >> 3);
    put(at, u8(bytes, at) ^ (1 << (bit & 7)));
    expect(openLatchFile(file).load().ok, `bit ${bit}`).toBe(false);
    put(at, u8(bytes, at));
  }
  closeSync(fd);
});

test("a file that was cut is not trusted", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  savedBy(store, stateOf("A"));
  truncateSync(file, slotSize + 60);
  expect(openLatchFile(file).load()).toMatchObject({ ok: false });
});

test("a folder that does not exist is an answer, not an exception", () => {
  const store = openLatchFile(join(tmpdir(), "weir-no-such-folder", "latched-trips"));
  expect(store.load()).toMatchObject({ ok: false });
  expect(savedBy(store, emptyState())).toMatchObject({ ok: false });
});

test("aside: states that come while one is written are stored as the newest of them, and all are told", async () => {
  const file = newFile();
  const store = openLatchFile(file, true);
  store.load();
  const told: number[] = [];
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 9; i++) {
      store.save(stateOf(`R${i}`), (saved) => {
        expect(saved).toEqual({ ok: true });
        // The newest that was asked for until now, or newer: never an older one.
        const stored = openLatchFile(file).load();
        told.push(i);
        if (i > 0) expect(stored).toEqual({ ok: true, state: stateOf("R8") });
        if (told.length === 9) resolve();
      });
    }
  });
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  store.close();
});

test("a file that is missing where the edge has run before is as little trusted as a damaged one", () => {
  const file = newFile();
  expect(openLatchFile(file, false, true).load()).toEqual({
    ok: false,
    reason: expect.stringMatching(/latched-trips is missing, though this edge has run before/),
  });
  // The process dies before a state is stored: what it left behind is no empty file.
  expect(openLatchFile(file, false, true).load()).toMatchObject({ ok: false });
  const store = openLatchFile(file);
  store.load();
  for (const id of ["A", "B"]) savedBy(store, stateOf(id));
  expect(openLatchFile(file, false, true).load()).toEqual({ ok: true, state: stateOf("B") });
});
