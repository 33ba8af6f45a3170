/** Short runs from several seeds, with clocks that are wrong at boot. */
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

/** A hang detector, not a timing. */
const hangMs = 400_000;

for (const seed of seedsOf(sized(3, 60), 101)) {
  test(
    `seed ${seed}`,
    async () => {
      using folder = runFolder();
      const outcome = await simulate(
        { definition: waterWorks, seed, folder: folder.path },
        { days: 0.25, profile: "rough" },
      );
      expect(outcome.faults).toBeGreaterThan(0);
    },
    hangMs,
  );
}
