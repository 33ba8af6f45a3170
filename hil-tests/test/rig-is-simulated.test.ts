import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { reportPage } from "../src/rigs/report-page.ts";
import { type Rig, readRig } from "../src/rigs/rig.ts";
import { runSuites } from "../src/rigs/run-suites.ts";

const socat = needs("socat");

const rigText = `
rig:
  name: Small works
  simulated: {serial: "rtu=pty@115200, wq=pty"}
  bauds: [115200]
  expect: {D06-LTH/TU01: [0.01, 2], D06-LTH/PH01: [6, 8.5], D06-LTH/CD01: [150, 900], D01/SL02: [8, 26], D02-LDO/DO01: [5, 14]}
  outputs: [spare_relay_1]
  loopbacks: [{output: spare_relay_1, input: "discrete rtu/40:0", within: 1s}]
`;

function readText(text: string): Rig {
  const file = join(tempDir(), "rig.yaml");
  writeFileSync(file, text);
  const read = readRig(file);
  if (!read.ok) throw new TypeError(JSON.stringify(read.problems));
  return read.rig;
}

test.runIf(socat.present)(
  "on the simulated rig nothing wrong is read, plugs may be pulled, outputs go off in time",
  async () => {
    const said: string[] = [];
    const results = await runSuites(readText(rigText), {
      only: [
        "byte-order",
        "read-points",
        "noisy-line",
        "unplug",
        "loopback",
        "cut-off",
        "watchdog",
      ],
      folder: tempDir(),
      readMs: 6_000,
      repeatCount: 1,
      soakMs: 0,
      ask: undefined,
      say: (line) => said.push(line),
    });
    const verdicts = Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts, said.join("\n")).toEqual({
      "byte-order": "passed",
      "read-points": "passed",
      "noisy-line": "passed",
      unplug: "passed",
      loopback: "passed",
      "cut-off": "passed",
      watchdog: "passed",
    });
    const page = reportPage({
      rig: "Small <works>",
      file: "rig.yaml",
      atMs: 0,
      tookMs: 1,
      versions: {},
      results,
    });
    expect(page).toContain("Small &#60;works&#62;: <span");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/https?:\/\//);
  },
  300_000,
);

test("a rig of real addresses is read without touching them; whatever is wrong with it is said with its line", () => {
  const example = readRig(new URL("../rigs/bench.yaml", import.meta.url).pathname);
  expect(example).toMatchObject({ ok: true, rig: { outputs: ["relay_1"], simulated: undefined } });
  const file = join(tempDir(), "rig.yaml");
  writeFileSync(file, "rig:\n  nmae: Bench\n  expect: {D1: [3]}\n");
  const faulty = readRig(file);
  expect(faulty.ok).toBe(false);
  const problems = faulty.ok ? [] : faulty.problems.map(({ line, text }) => `${line}: ${text}`);
  expect(problems.join("\n")).toMatch(/did you mean name/);
  expect(problems.join("\n")).toMatch(/3: .*D1/);
});
