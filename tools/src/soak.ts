/**
 * `npm run soak`: the large size of every test that has two (shared/testing/src/test-size.ts), one file after
 * another, for hours, each from a seed of its own. `npm run soak -- safety-model edge/test` runs those whose
 * path holds one of the words. Ctrl-C ends it early; what ran, how long and from which seed is told either way.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;
const bin = join(root, "node_modules", ".bin");

interface Ran {
  file: string;
  seed: number;
  forMs: number;
  outcome: "held" | "FAILED" | "ended early";
}

/** Those that ask for a size themselves, and all properties, whose number of runs grows. */
function filesWithTwoSizes(): string[] {
  const exclude = (path: string) => /(^|\/)(node_modules|dist|\.weir)$/.test(path);
  return globSync("**/{src,test}/**/*.test.{ts,tsx}", { cwd: root, exclude })
    .filter((path) => /test-size\.ts|"fast-check"/.test(readFileSync(join(root, path), "utf8")))
    .sort();
}

const span = (ms: number): string => {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`;
  return minutes < 90 ? `${minutes.toFixed(1)} min` : `${(minutes / 60).toFixed(1)} h`;
};

async function run(file: string, stop: AbortSignal): Promise<Ran> {
  const seed = randomInt(2 ** 31);
  const begunMs = performance.now();
  const child = spawn(join(bin, "vitest"), ["run", file], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...{ PATH: `${bin}:${process.env["PATH"]}`, WEIR_SOAK: "1", WEIR_SEED: `${seed}+` },
    },
  });
  const end = () => child.kill("SIGINT");
  stop.addEventListener("abort", end);
  const [code] = await once(child, "close");
  stop.removeEventListener("abort", end);
  const failed = stop.aborted ? "ended early" : "FAILED";
  const outcome = code === 0 ? "held" : failed;
  return { file, seed, forMs: performance.now() - begunMs, outcome };
}

function summary(ran: readonly Ran[], files: readonly string[], tookMs: number): string {
  const rows = ran.map(
    ({ outcome, forMs, seed, file }) =>
      `  ${outcome.padEnd(11)} ${span(forMs).padStart(8)}  from seed ${String(seed).padEnd(10)}  ${file}`,
  );
  const left = files.slice(ran.length).map((file) => `  not run     ${" ".repeat(31)}${file}`);
  const held = ran.filter(({ outcome }) => outcome === "held").length;
  const closing = `${held} of ${files.length} files held, in ${span(tookMs)}`;
  const again =
    held === ran.length
      ? []
      : ["the same again: WEIR_SOAK=1 WEIR_SEED=<its seed>+ npx vitest run <its file>"];
  return ["", ...rows, ...left, closing, ...again, ""].join("\n");
}

async function main(words: readonly string[]): Promise<number> {
  const all = filesWithTwoSizes();
  const unknown = words.filter((word) => !all.some((file) => file.includes(word)));
  if (unknown.length > 0) {
    const list = all.map((file) => `  ${file}`).join("\n");
    process.stderr.write(
      `no test of two sizes has "${unknown.join('", "')}" in its path; there are\n${list}\n`,
    );
    return 1;
  }
  const files = all.filter(
    (file) => words.length === 0 || words.some((word) => file.includes(word)),
  );
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());
  const begunMs = performance.now();
  const ran: Ran[] = [];
  for (const file of files) {
    if (stopping.signal.aborted) break;
    const sinceText = span(performance.now() - begunMs);
    process.stdout.write(
      `\n── ${ran.length + 1} of ${files.length}, after ${sinceText}: ${file}\n`,
    );
    ran.push(await run(file, stopping.signal));
  }
  process.stdout.write(summary(ran, files, performance.now() - begunMs));
  return ran.length === files.length && ran.every(({ outcome }) => outcome === "held") ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
