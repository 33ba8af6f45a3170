/**
 * What tests get as "fast-check" (vitest.config.ts): the same, with one seed for all properties of a process,
 * which is told when one of them fails or never ends, and with more runs in a soak.
 */
import fc from "fast-check";
import { drawnSeed, noteSeed } from "./seeds.ts";
import { sized } from "./test-size.ts";

let runs = 0;

fc.configureGlobal({
  seed: drawnSeed,
  numRuns: sized(100, 2_000),
  beforeEach: () => {
    runs += 1;
    noteSeed(drawnSeed, `run ${runs} of this file's properties`);
  },
});

export * from "fast-check";
export default fc;
