/**
 * What must never happen: a latch that opens by itself, a bypass that outlives its time, a reset without
 * a name, a report before the state is stored, an output let go that a rule holds, a cause that is hidden
 * by a latch whose own cause is gone.
 */
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { play } from "./safety-model.ts";
import { tally } from "./safety-model-rule.ts";

const historyCount = 100_000;

test("100 000 histories with kills between any two effects", () => {
  for (let seed = 0; seed < historyCount; seed++) {
    try {
      play(seeded(seed, "safety-model"));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  expect(tally.trips).toBeGreaterThan(historyCount);
  expect(tally.resets).toBeGreaterThan(historyCount / 10);
  expect(tally.bypasses).toBeGreaterThan(historyCount / 10);
  expect(tally.expired).toBeGreaterThan(historyCount / 100);
  expect(tally.kills).toBeGreaterThan(historyCount / 4);
  expect(tally.killsWithLatch).toBeGreaterThan(historyCount / 10);
  expect(tally.killsBeforeTheDisk).toBeGreaterThan(historyCount / 100);
  expect(tally.saveFaults).toBeGreaterThan(historyCount / 100);
  expect(tally.suppressed).toBeGreaterThan(historyCount / 100);
  expect(tally.unhidden).toBeGreaterThan(historyCount / 100);
}, 120_000);
