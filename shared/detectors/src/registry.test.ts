/** The conformance suite over every registered streaming detector. */
import { readdirSync, readFileSync } from "node:fs";
import { describeDetector } from "@weir/testing/detector-conformance.ts";
import { expect, test } from "vitest";
import { detectors } from "./registry.ts";

/** Of one detector of one signal. */
const stateBytesMax = 4_096;

test("every file that implements a detector is registered", () => {
  const folder = new URL(".", import.meta.url);
  const files = readdirSync(folder).filter(
    (name) =>
      name.endsWith(".ts") &&
      !name.endsWith(".test.ts") &&
      readFileSync(new URL(name, folder), "utf8").includes("implements Detector "),
  );
  expect(Object.keys(detectors).sort()).toEqual(
    files.map((name) => name.replace(".ts", "")).sort(),
  );
});

for (const [name, create] of Object.entries(detectors)) {
  const other = Object.values(detectors).find((one) => one !== create);
  const foreignState = other?.().capture();
  describeDetector(name, { create, stateBytesMax, ...(foreignState ? { foreignState } : {}) });
}
