/** A plant with a past, written as a site would export its own: what models are trained from. */
import { createPlant, defaultStartMs, type Plant } from "@weir/firmware-sim/create-plant.ts";
import { writeHistory } from "@weir/firmware-sim/history/history-file.hyparquet-writer.ts";
import { recordHistory } from "@weir/firmware-sim/history/record-history.ts";
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { quietScenario, type Scenario } from "@weir/firmware-sim/scenarios/scenario.ts";

export interface PastOptions {
  definition: PlantDefinition;
  seed: number;
  /** For `minutes.parquet` and `hours.parquet`. */
  folder: string;
  days: number;
  /** Days at the end that are lived second by second and kept as minutes. */
  fineDays: number;
  /** What had begun before the present. */
  before?: Scenario["before"];
}

export interface Past {
  /** At its present; its live run continues the past. */
  plant: Plant;
  minutesFile: string;
  hoursFile: string;
}

export async function livePast(options: PastOptions): Promise<Past> {
  const { definition, seed, days, fineDays, before = [] } = options;
  const plant = createPlant({
    plant: definition,
    seed,
    scenario: { ...quietScenario, before },
    startMs: defaultStartMs,
    historyDays: days,
  });
  const history = await recordHistory(plant, { fineDays });
  const [minutesFile, hoursFile] = await writeHistory(options.folder, history);
  return { plant, minutesFile: minutesFile as string, hoursFile: hoursFile as string };
}
