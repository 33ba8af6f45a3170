/** Both edges over one simulated works: who raised what, on days without any fault. */
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { quietScenario, type Scenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { type EdgeAlert, EdgeOverPlant } from "./edge-over-plant.ts";

const secondMs = 1_000;
const dayMs = 86_400 * secondMs;

export interface WatchOptions {
  seed: number;
  configurations: Iterable<Configuration>;
  scenario?: Scenario;
  /** The rules learn, nothing is counted. */
  learnDays: number;
  days: number;
}

export interface Watched {
  alerts: EdgeAlert[];
  trips: { rule: string; atMs: number }[];
  /** Readings in the counted days. */
  readingCount: number;
}

/** Rain may fall: the scenario is that of an ordinary week unless told otherwise. */
const ordinary: Scenario = { ...quietScenario, rain: "always" };

export function watchWorks(options: WatchOptions): Watched {
  const { seed, learnDays, days, scenario = ordinary } = options;
  const plant = createPlant({ seed, scenario, profile: "realistic" });
  const fromMs = plant.nowMs + learnDays * dayMs;
  const result: Watched = { alerts: [], trips: [], readingCount: 0 };
  const edges = [...options.configurations].map(
    (configuration) =>
      new EdgeOverPlant({
        plant,
        configuration,
        onAlert: (alert) => {
          if (alert.atMs > fromMs) result.alerts.push(alert);
        },
        onTrip: (rule, atMs) => {
          if (atMs > fromMs) result.trips.push({ rule, atMs });
        },
      }),
  );
  const untilMs = fromMs + days * dayMs;
  let learnedCount = 0;
  while (plant.nowMs < untilMs) {
    plant.advanceTo(plant.nowMs + secondMs);
    for (const edge of edges) edge.second(plant.nowMs);
    if (plant.nowMs === fromMs) learnedCount = countOf(edges);
  }
  result.readingCount = countOf(edges) - learnedCount;
  return result;
}

const countOf = (edges: readonly EdgeOverPlant[]): number =>
  edges.reduce((sum, { readingCount }) => sum + readingCount, 0);
