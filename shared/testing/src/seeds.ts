/**
 * Where a test's chance comes from, and who says so when it fails, runs out of time or stands still: the seed
 * at work is told with the command that draws it again.
 *
 *     for (const seed of atWork(seedsOf(sized(1_000, 50_000)))) …        // in one test
 *     for (const seed of seedsOf(sized(8, 200), 1)) test(`seed ${seed}`, …)  // a test for each
 *
 * Properties of fast-check need nothing: vitest.config.ts gives them configured-fast-check.ts.
 */
import { randomInt } from "node:crypto";
import { Worker } from "node:worker_threads";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { isSoak } from "./test-size.ts";

/** "7" for that seed alone, "7+" for as many as ever from that one on. */
const asked = process.env["WEIR_SEED"];
if (asked !== undefined && !/^\d+\+?$/.test(asked))
  throw new Error(`WEIR_SEED is "${asked}": a number draws that seed, a number and + from it on`);
const isAlone = asked !== undefined && !asked.endsWith("+");

/** The one asked for, else another one in every process. */
export const drawnSeed: number =
  asked === undefined ? randomInt(2 ** 31) : Number(asked.replace("+", ""));

/**
 * `count` seeds from `first` on, the same with every push; in a soak from a drawn one on, so that no two nights
 * are alike; with WEIR_SEED=7+ from that one on, with WEIR_SEED=7 that one alone.
 */
export function seedsOf(count: number, first = 0): number[] {
  if (isAlone) return [drawnSeed];
  const from = isSoak || asked !== undefined ? drawnSeed : first;
  return Array.from({ length: count }, (_, i) => from + i);
}

/** Gives the seeds one by one and notes the one that is at work. Call it inside a test. */
export function* atWork(seeds: Iterable<number>): Generator<number> {
  for (const seed of seeds) {
    noteSeed(seed);
    yield seed;
  }
}

/** A test that works on one seed for so long stands still, milliseconds: shorter than the time any test has. */
const standstillMs = 100_000;

/** Read by the watcher: 0 whether a seed is at work, 1 how many were, 2 length of the words, 3… the words. */
const shared = new Int32Array(new SharedArrayBuffer(4 * 1_024));
/** Of the test that draws: undefined between tests. */
let test: { title: string; file: string } | undefined;
let isWatched = false;

/** `what`: which of the cases that this seed makes. */
export function noteSeed(seed: number, what = ""): void {
  const isFirst = test === undefined;
  test ??= testNow();
  const words = wordsOf(seed, { what, ...test });
  const bytes = Buffer.from(words).subarray(0, shared.length - 3);
  shared.set(bytes, 3);
  shared[2] = bytes.length;
  Atomics.store(shared, 0, 1);
  Atomics.add(shared, 1, 1);
  if (!isFirst) return;
  if (!isWatched) watch();
  isWatched = true;
  onTestFailed(() => {
    const last = Uint8Array.from(shared.subarray(3, 3 + Number(shared[2])));
    process.stderr.write(Buffer.from(last));
  });
  onTestFinished(() => {
    test = undefined;
    Atomics.store(shared, 0, 0);
  });
}

function testNow(): { title: string; file: string } {
  const { currentTestName = "", testPath = "" } = expect.getState();
  return {
    // Vitest shows nested titles with " > " and looks for them with a blank.
    title: currentTestName.replaceAll(" > ", " ").replace(/["$`\\]/g, "."),
    file: testPath.replace(`${process.cwd()}/`, ""),
  };
}

function wordsOf(seed: number, at: { what: string; title: string; file: string }): string {
  const soak = isSoak ? "WEIR_SOAK=1 " : "";
  const command = `${soak}WEIR_SEED=${seed} npx vitest run ${at.file} -t "${at.title}"`;
  return `seed ${seed}${at.what && `, ${at.what}`}: ${command}\n`;
}

/** A thread: where the test's own never comes back, no timer of it does. */
function watch(): void {
  const program = `
    const { workerData: { shared, standstillMs } } = require("node:worker_threads");
    const { writeSync } = require("node:fs");
    let seen = -1, sinceMs = 0;
    setInterval(() => {
      const count = Atomics.load(shared, 1), nowMs = performance.now();
      if (Atomics.load(shared, 0) === 0 || count !== seen) { seen = count; sinceMs = nowMs; return; }
      if (nowMs - sinceMs < standstillMs) return;
      sinceMs = Infinity;
      const words = Buffer.from(Uint8Array.from(shared.subarray(3, 3 + shared[2])));
      writeSync(2, "at work for over " + standstillMs / 1000 + " s: " + words);
    }, 1000);`;
  new Worker(program, { eval: true, workerData: { shared, standstillMs } }).unref();
}
