/** The checks of the simulation are worth something only if they fail when a promise is broken. */
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

test("an acknowledgement without storage is found, with seed, plant time and replay command", async () => {
  using folder = runFolder();
  const run = simulate(
    { definition: waterWorks, seed: 1, folder: folder.path },
    { days: 1, profile: "lying" },
  );
  await expect(run).rejects.toThrow(
    /FAIL fogHoldsWhatWasDelivered at 0 d \d\d:00:00\.000: edge-.: \d+ delivered, \d+ stored[\s\S]*npm run sim -- --plant water-works --seed 1 --days 1 --profile lying/,
  );
});
