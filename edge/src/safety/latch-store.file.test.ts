import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLatchFile, slotSize } from "./latch-store.file.ts";
import { emptyState, type LatchedState } from "./safety-state.ts";

const newFile = () => join(mkdtempSync(join(tmpdir(), "weir-latch-")), "latched-trips");

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
  for (let i = 0; i < 9; i++) expect(store.save(stateOf(`R${i}`))).toEqual({ ok: true });
  expect(openLatchFile(file).load()).toEqual({ ok: true, state: stateOf("R8") });
  expect(statSync(file).size, "written in place: a full disk is no obstacle").toBe(2 * slotSize);
});

test("a process that never loaded does not write over the newest state's slot first", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  store.save(stateOf("A"));
  const next = openLatchFile(file);
  next.load();
  next.save(stateOf("B"));
  expect(openLatchFile(file).load()).toEqual({ ok: true, state: stateOf("B") });
});

test("every flipped bit in a slot in use is noticed", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  store.save(stateOf("A"));
  const bytes = readFileSync(file);
  const from = slotSize; // the first save goes to the second slot
  const used = 48 + bytes.readUInt32BE(from + 4);
  const fd = openSync(file, "r+");
  const put = (at: number, value: number) => writeSync(fd, Uint8Array.of(value), 0, 1, at);
  for (let bit = 0; bit < used * 8; bit++) {
    const at = from + (bit >> 3);
    put(at, bytes[at]! ^ (1 << (bit & 7)));
    expect(openLatchFile(file).load().ok, `bit ${bit}`).toBe(false);
    put(at, bytes[at]!);
  }
  closeSync(fd);
});

test("a file that was cut is not trusted", () => {
  const file = newFile();
  const store = openLatchFile(file);
  store.load();
  store.save(stateOf("A"));
  truncateSync(file, slotSize + 60);
  expect(openLatchFile(file).load()).toMatchObject({ ok: false });
});

test("a folder that does not exist is an answer, not an exception", () => {
  const store = openLatchFile(join(tmpdir(), "weir-no-such-folder", "latched-trips"));
  expect(store.load()).toMatchObject({ ok: false });
  expect(store.save(emptyState())).toMatchObject({ ok: false });
});
