/**
 * kill -9 of the demo, while the plant lives its past and when everything runs: nothing of it is left. And of one
 * edge: the others go on.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test, vi } from "vitest";

const root = join(import.meta.dirname, "../..");
const minuteMs = 60_000;
/** Hang detectors: a tier takes its time to stop in order on a busy machine. */
const goneWithinMs = 60_000;
const hangMs = 6 * minuteMs;

/** Command lines of processes that work on `folder`. */
function processesOn(folder: string): { pid: number; words: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
        return words.includes(folder) ? [{ pid: Number(pid), words: words.trim() }] : [];
      } catch {
        return []; // It has just ended.
      }
    });
}

const start = (folder: string) =>
  startProgram({
    program: join(root, "demo/src/main.ts"),
    args: ["--plant", "bakery", "--json", "--ports", "0", "--data-dir", folder],
  });

const gone = (folder: string) =>
  vi.waitFor(() => expect(processesOn(folder)).toEqual([]), {
    timeout: goneWithinMs,
    interval: 250,
  });

test.runIf(process.platform === "linux")(
  "five parts at work: one edge killed is told and the others go on; all end with the demo that started them",
  { timeout: hangMs },
  async () => {
    const folder = tempDir();
    const demo = start(folder);
    await demo.waitFor("address", ({ what }) => what === "cloud console", 3 * minuteMs);
    const working = processesOn(folder).filter(({ words }) => words.includes(" run "));
    expect(working).toHaveLength(5);
    const isEdge = ({ words }: { words: string }) =>
      words.includes("--config") && /edge-\w+\.yaml/.test(words);
    const [edge] = processesOn(folder).filter(isEdge);
    if (!edge) throw new Error("no edge runs");
    process.kill(edge.pid, "SIGKILL");
    const told = await demo.waitFor(
      "error",
      ({ text }) => String(text).includes("SIGKILL"),
      minuteMs,
    );
    expect(told["text"]).toMatch(/^edge-[\s\S]* npx weir-edge run --config .*edge-\w+\.yaml/);
    const others = processesOn(folder).filter(({ words }) => words.includes(" run "));
    expect(others).toHaveLength(4);
    await demo.kill();
    await gone(folder);
  },
);

test.runIf(process.platform === "linux")(
  "a plant that lives its past for nobody ends too",
  { timeout: hangMs },
  async () => {
    const folder = tempDir();
    const demo = start(folder);
    await demo.waitFor("history", undefined, 3 * minuteMs);
    await demo.kill();
    await gone(folder);
  },
);
