/** Scenario files: a name, a profile, and a timeline of what is injected when. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { durationPattern, parseDuration } from "@weir/runtime/duration.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { formatProblems, type Problem } from "@weir/runtime/problem.ts";
import { choice, text } from "@weir/runtime/setting-kinds.ts";
import { list, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import { readSettings, type Setting, type SettingsOf, show } from "@weir/runtime/settings.ts";
import { readYamlFile, type YamlResult } from "@weir/runtime/yaml-source.ts";
import { SimFault } from "../faults.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { injection } from "./injection-settings.ts";
import type { Scenario, TimelineEntry } from "./scenario.ts";

const profiles = ["tidy", "realistic"] as const;
const rains = ["always", "history", "never"] as const;

export type ScenarioResult = { ok: true; scenario: Scenario } | { ok: false; problems: Problem[] };

/** Names of the scenarios that come with a plant. */
export const scenarioNames = ({ scenarioDir }: PlantDefinition): string[] =>
  readdirSync(scenarioDir)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();

/**
 * A built-in scenario by name, or a file by path.
 * @throws Fault SIM_SCENARIO, SIM_SCENARIO_UNKNOWN
 */
export function loadScenario(plant: PlantDefinition, nameOrPath: string): Scenario {
  const isPath = nameOrPath.includes("/") || /\.ya?ml$/.test(nameOrPath);
  const file = isPath ? nameOrPath : join(plant.scenarioDir, `${nameOrPath}.yaml`);
  if (!existsSync(file)) {
    const known = scenarioNames(plant);
    const near = nearestName(nameOrPath, known);
    throw new SimFault("SIM_SCENARIO_UNKNOWN", { name: nameOrPath, known, near });
  }
  const result = readScenario(plant, readYamlFile(file), basename(file).replace(/\.ya?ml$/, ""));
  if (!result.ok)
    throw new SimFault("SIM_SCENARIO", { problems: [formatProblems(result.problems)] });
  return result.scenario;
}

export function readScenario(
  plant: PlantDefinition,
  source: YamlResult,
  name: string,
): ScenarioResult {
  if (!source.ok) return source;
  const read = readSettings<ScenarioValue>(
    source,
    plant.storm === undefined ? scenario(plant) : stormyScenario(plant),
  );
  if (!read.ok) return read;
  const { about, profile, timeline, rain } = read.value;
  const entries = timeline.map(({ at, inject }): TimelineEntry => ({ offsetMs: at, inject }));
  return {
    ok: true,
    scenario: {
      name,
      about: about.trim(),
      profile,
      rain: rain ?? (profile === "tidy" ? "history" : "always"),
      before: entries.filter((entry) => entry.offsetMs < 0),
      after: entries.filter((entry) => entry.offsetMs >= 0),
    },
  };
}

const rowsOf = (plant: PlantDefinition) => ({
  about: text({ default: "", max: 4_000, doc: "What happens, for people." }),
  profile: choice(profiles, { default: "tidy", doc: "How well the plant is looked after." }),
  timeline: list(
    object({ at: offset, inject: injection(plant) }, { doc: "One thing that happens." }),
    { doc: "What happens when." },
  ),
});

const scenario = (plant: PlantDefinition) => settings(rowsOf(plant));
/** Only where there is weather. */
const stormyScenario = (plant: PlantDefinition) =>
  settings({
    ...rowsOf(plant),
    rain: optional(
      choice(rains, { doc: "When it may rain; in the history alone where the profile is tidy." }),
    ),
  });

type ScenarioValue = SettingsOf<ReturnType<typeof scenario>> & {
  rain?: (typeof rains)[number] | undefined;
};

/** A time from the start of the live run; before it is the plant's history. */
const offset: Setting<number> = {
  doc: "When it begins, from the start of the live run.",
  expected: "a time as 20m, 1h30m or -3.5d",
  fallback: undefined,
  schema: { anyOf: [{ type: "string", pattern: `^-?(${durationPattern}|0)$` }, { const: 0 }] },
  read: (input, at) => {
    const offsetMs = offsetOf(input);
    if (offsetMs === undefined)
      at.complain(`${show(input)} is not a time from the start; write it as 20m, 1h30m or -3.5d`);
    return offsetMs;
  },
  draft: () => undefined,
};

/** "20m", "0", "-3.5d" in ms. */
function offsetOf(value: unknown): number | undefined {
  if (value === 0) return 0;
  if (typeof value !== "string") return undefined;
  const isBefore = value.startsWith("-");
  const durationMs = parseDuration(isBefore ? value.slice(1) : value);
  return durationMs === undefined ? undefined : isBefore ? -durationMs : durationMs;
}
