/** Short runs from several seeds, with clocks that are wrong at boot. */
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { describe, expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

/** A hang detector, not a timing. */
const hangMs = 400_000;

describe.each(plants)("$id", (definition) => {
  for (const seed of seedsOf(sized(3, 60), 101)) {
    test(
      `seed ${seed}`,
      async () => {
        using folder = runFolder();
        const outcome = await simulate(
          { definition, seed, folder: folder.path },
          { days: 0.25, profile: "rough" },
        );
        expect(outcome.faults).toBeGreaterThan(0);
      },
      hangMs,
    );
  }
});
