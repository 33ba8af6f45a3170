/** A suite that cannot fail says nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { readRig } from "../src/rigs/rig.ts";
import { runSuites } from "../src/rigs/run-suites.ts";

const rigText = `
rig:
  name: Wired wrongly
  simulated: {serial: "rtu=tcp@115200"}
  expect: {D02-LDO/DO01: [0, 1], D01-DO/DO01: [0, 1], D01/SL02: [8, 26]}
  outputs: [spare_relay_1]
  loopbacks: [{output: spare_relay_1, input: "discrete rtu/40:1", within: 300ms}]
`;

test("wrong values, wrong orders and wrong wires are told", async () => {
  const file = join(tempDir(), "rig.yaml");
  writeFileSync(file, rigText);
  const read = readRig(file);
  if (!read.ok) throw new TypeError(JSON.stringify(read.problems));
  const results = await runSuites(read.rig, {
    only: ["byte-order", "read-points", "loopback"],
    folder: tempDir(),
    readMs: 4_000,
    repeatCount: 1,
    soakMs: 0,
    ask: undefined,
    say: () => {},
  });
  expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([
    ["byte-order", "failed"],
    ["read-points", "failed"],
    ["loopback", "failed"],
  ]);
  const bad = results.flatMap(({ rows }) => rows.filter(({ ok }) => !ok));
  expect(bad.map(({ what, measured }) => `${what}: ${measured}`).join("\n")).toMatch(
    /D01-DO\/DO01: rather [\s\S]*D02-LDO\/DO01 read \d+[\s\S]*did not follow/,
  );
});
