/** A rough life with a third of the tags summarised: each of their readings is in one pane, at the cloud too. */
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { simulate } from "../src/simulation/simulate.ts";

/** A hang detector, not a timing. */
const hangMs = 400_000;

test.each(plants)(
  "$id: through cuts, kills and wrong clocks",
  async (definition) => {
    using folder = runFolder();
    const run = { days: 0.25, profile: "summarised" } as const;
    const outcome = await simulate({ definition, seed: 7, folder: folder.path }, run);
    expect(outcome.faults).toBeGreaterThan(0);
    expect(outcome.summarised).toBeGreaterThan(outcome.readings / 5);
  },
  hangMs,
);
