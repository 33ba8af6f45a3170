/** Both edges over one simulated works: who raised what on days without any fault, and then what they find. */
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { createPlant } from "@weir/firmware-sim/create-plant.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { quietScenario, type Scenario } from "@weir/firmware-sim/scenarios/scenario.ts";
import { type EdgeAlert, EdgeOverPlant } from "./edge-over-plant.ts";
import { type FaultTrial, type TrialResult, tryFaults } from "./fault-trials.ts";

const secondMs = 1_000;
const dayMs = 86_400 * secondMs;

export interface WatchOptions {
  seed: number;
  configurations: readonly Configuration[];
  scenario?: Scenario;
  /** The rules learn, nothing is counted. */
  learnDays: number;
  days: number;
  /** After the counted days. */
  trials?: readonly FaultTrial[];
}

export interface Watched {
  /** Of the counted days. */
  alerts: EdgeAlert[];
  trips: { rule: string; atMs: number }[];
  /** Readings in the counted days. */
  readingCount: number;
  trials: TrialResult[];
}

/** Nothing is wrong, but it rains, and people do their work. */
const ordinary: Scenario = { ...quietScenario, name: "ordinary", rain: "always" };

export function watchWorks(options: WatchOptions): Watched {
  const { seed, learnDays, days, scenario = ordinary, trials = [] } = options;
  const plant = createPlant({ plant: waterWorks, seed, scenario, profile: "realistic" });
  const alerts: EdgeAlert[] = [];
  const trips: Watched["trips"] = [];
  const edges = options.configurations.map(
    (configuration) =>
      new EdgeOverPlant({
        plant,
        configuration,
        onAlert: (alert) => alerts.push(alert),
        onTrip: (rule, atMs) => trips.push({ rule, atMs }),
      }),
  );
  const second = () => {
    plant.advanceTo(plant.nowMs + secondMs);
    for (const edge of edges) edge.second(plant.nowMs);
  };
  const live = (ms: number) => {
    const untilMs = plant.nowMs + ms;
    while (plant.nowMs < untilMs) second();
    return edges.reduce((sum, { readingCount }) => sum + readingCount, 0);
  };
  const learnedCount = live(learnDays * dayMs);
  const first = { alert: alerts.length, trip: trips.length };
  const readingCount = live(days * dayMs) - learnedCount;
  const healthy = { alerts: alerts.slice(first.alert), trips: trips.slice(first.trip) };
  return { ...healthy, readingCount, trials: tryFaults(plant, { alerts, second }, trials) };
}
