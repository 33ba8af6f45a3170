import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { u8 } from "@weir/contracts/elements.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { LearnedFile, loadLearned } from "./learned-file.ts";

const bytes = Uint8Array.from({ length: 5_000 }, (_, i) => i % 251);

test("what was saved last is loaded; of several that wait only the newest is written", async () => {
  const dir = tempDir();
  const path = join(dir, "learned");
  expect(loadLearned(path)).toEqual({ ok: true, bytes: undefined });
  const file = new LearnedFile({ path, onTrouble: () => {} });
  for (let i = 1; i <= 5; i++) file.save(bytes.subarray(0, 1_000 * i));
  await file.settled();
  expect(loadLearned(path)).toEqual({ ok: true, bytes });
});

test("a cut or flipped file is refused, whichever byte it is", async () => {
  const dir = tempDir();
  const path = join(dir, "learned");
  const file = new LearnedFile({ path, onTrouble: () => {} });
  file.save(bytes);
  await file.settled();
  const whole = readFileSync(path);
  for (const at of [0, 17, 2_500, bytes.length, whole.length - 1]) {
    const flipped = Uint8Array.from(whole);
    flipped[at] = u8(flipped, at) ^ 1;
    writeFileSync(path, flipped);
    expect(loadLearned(path)).toEqual({ ok: false, reason: "it fails its check" });
  }
  for (const size of [0, 10, 32, whole.length - 1]) {
    writeFileSync(path, whole);
    truncateSync(path, size);
    expect(loadLearned(path).ok).toBe(false);
  }
});

test("a disk that does not take it is told once, and when it takes it again", async () => {
  const dir = tempDir();
  const reasons: (string | undefined)[] = [];
  const folder = join(dir, "no", "such", "folder");
  const path = join(folder, "learned");
  const file = new LearnedFile({ path, onTrouble: (reason) => reasons.push(reason) });
  for (let i = 0; i < 3; i++) {
    file.save(bytes);
    await file.settled();
  }
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(/ENOENT/);
  mkdirSync(folder, { recursive: true });
  file.save(bytes);
  await file.settled();
  expect(reasons.slice(1)).toEqual([undefined]);
});
