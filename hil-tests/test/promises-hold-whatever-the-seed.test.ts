/** Short runs from several seeds, with clocks that are wrong at boot. `WEIR_SEEDS` asks for more of them. */
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

const seedCount = Number(process.env["WEIR_SEEDS"] ?? 3);

/** A hang detector, not a timing. */
const hangMs = 400_000;

for (let seed = 101; seed < 101 + seedCount; seed++) {
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
