/** Short runs from several seeds, with clocks that are wrong at boot. `WEIR_SEEDS` asks for more of them. */
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { runOptions } from "../src/simulation/run-options.ts";
import { simulate } from "../src/simulation/simulate.ts";

const seedCount = Number(process.env["WEIR_SEEDS"] ?? 3);
const days = 0.25;
const hourMs = 3_600_000;
const faults = {
  ...runOptions.faults,
  power: {
    edge: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 10 },
    fog: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 5 },
    cloud: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 3 },
  },
  clock: { skewMsMax: 3_000 },
};

for (let seed = 101; seed < 101 + seedCount; seed++) {
  test(`seed ${seed}`, async () => {
    using folder = runFolder();
    const options = { ...runOptions, pollEveryS: 60, blockEveryMs: 60_000, faults, seed };
    const outcome = await simulate({ ...options, folder: folder.path }, { days });
    expect(outcome.faults).toBeGreaterThan(0);
  });
}
