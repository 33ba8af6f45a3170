/** The checks of the simulation are worth something only if they fail when a promise is broken. */
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

test.each(plants)(
  "$id: an acknowledgement without storage is found, with seed, plant time and replay command",
  async (definition) => {
    using folder = runFolder();
    const run = simulate(
      { definition, seed: 1, folder: folder.path },
      { days: 1, profile: "lying" },
    );
    await expect(run).rejects.toThrow(
      new RegExp(
        String.raw`FAIL fogHoldsWhatWasDelivered at 0 d \d\d:00:00\.000: edge-[\w-]+: \d+ delivered, \d+ stored[\s\S]*npm run sim -- --plant ${definition.id} --seed 1 --days 1 --profile lying`,
      ),
    );
  },
);
