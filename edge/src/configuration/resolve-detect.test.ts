import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

function load(tag: string) {
  const file = join(tempDir(), "edge.yaml");
  writeFileSync(
    file,
    `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices: [{id: D06, connection: plc, tags: {X01: {read: "holding:0", type: int16, ${tag}}}}]
`,
  );
  return loadConfiguration(file);
}

function detectOf(tag: string) {
  const loaded = load(tag);
  if (!loaded.ok) throw new TypeError(loaded.problems.map(({ text }) => text).join("\n"));
  return elementAt(loaded.configuration.tags, 0).detect;
}

const problemOf = (tag: string): string => {
  const loaded = load(tag);
  return loaded.ok ? "" : loaded.problems.map(({ text }) => text).join("\n");
};

test("turbidity in NTU has a floor of its own, unless the file says another", () => {
  const turbidity = "kind: turbidity, unit: NTU, scale: 0.001";
  expect(detectOf(`${turbidity}, detect: {z: {max: 4}}`).z?.sigmaMin).toBe(0.05);
  expect(detectOf(`${turbidity}, detect: {z: {sigmaMin: 0.01}}`).z?.sigmaMin).toBe(0.01);
  expect(detectOf("kind: tss, unit: mg/L, detect: {z: {}}").z?.sigmaMin).toBe(0);
});

test("what is not named is off; what is named has its defaults", () => {
  expect(detectOf("kind: ph").stream).toBeUndefined();
  expect(detectOf("kind: ph").boost).toBeUndefined();
  const detect = detectOf("kind: ph, detect: {stream: {}, boost: {}, noise: {}, spike: {}}");
  expect(detect).toMatchObject({
    stream: { threshold: 0.93, everyMs: 300_000 },
    boost: { factor: 5, forMs: 600_000 },
    noise: { ratio: 3 },
    spike: { perDay: 12 },
  });
  expect(detect.bounds.streamThreshold).toEqual([0.55, 0.99]);
});

test("what cannot be is said", () => {
  expect(problemOf("detect: {boost: {factor: 9}}")).toContain("9 is above 5");
  expect(problemOf("detect: {stream: {threshold: 0.2}}")).toContain("0.2 is below 0.5");
  expect(problemOf("detect: {boost: {for: 10}}")).toContain("10 has no unit; write 10s");
});
