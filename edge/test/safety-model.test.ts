/**
 * What must never happen: a latch that opens by itself, a bypass that outlives its time, a reset without
 * a name, a report before the state is stored, an output let go that a rule holds, a cause that is hidden
 * by a latch whose own cause is gone.
 */
import { seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { expect, test } from "vitest";
import { play } from "./safety-model.ts";
import { tally } from "./safety-model-rule.ts";

const historyCount = sized(30_000, 2_000_000);

test(
  `${historyCount} histories with kills between any two effects`,
  () => {
    for (const seed of atWork(seedsOf(historyCount))) play(seeded(seed, "safety-model"));
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
  },
  sized(120_000, 4 * 3_600_000),
);
