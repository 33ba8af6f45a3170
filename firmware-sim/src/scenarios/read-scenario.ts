/** Scenario files: a name, a profile, and a timeline of what is injected when. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDuration } from "@weir/runtime/duration.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { formatProblems, type Problem, type SettingPath } from "@weir/runtime/problem.ts";
import { readYamlFile, type YamlResult } from "@weir/runtime/yaml-source.ts";
import { SimFault } from "../faults.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { readInjection } from "./read-injection.ts";
import type { Scenario, TimelineEntry } from "./scenario.ts";

const keysOf = ({ storm }: PlantDefinition): string[] =>
  storm === undefined ? ["about", "profile", "timeline"] : ["about", "profile", "rain", "timeline"];
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
  const problems: Problem[] = [];
  const complain = (path: SettingPath, text: string) => problems.push(source.problem(path, text));
  const keys = keysOf(plant);
  const root = isMap(source.root) ? source.root : {};
  if (!isMap(source.root)) complain([], `is not a map with ${keys.join(", ")}`);
  for (const key of Object.keys(root)) {
    if (keys.includes(key)) continue;
    const near = nearestName(key, keys);
    complain(
      [key],
      `is unknown; ${near ? `did you mean ${near}?` : `known are ${keys.join(", ")}`}`,
    );
  }
  const choice = <T extends string>(key: string, names: readonly T[], fallback: T): T => {
    const value = root[key];
    if (value === undefined) return fallback;
    if (names.includes(value as T)) return value as T;
    complain([key], `${JSON.stringify(value)} is unknown; give one of ${names.join(", ")}`);
    return fallback;
  };
  const profile = choice("profile", profiles, "tidy");
  const rain = choice("rain", rains, profile === "tidy" ? "history" : "always");
  const timeline = readTimeline(plant, root["timeline"], complain);
  if (problems.length > 0) return { ok: false, problems };
  const scenario: Scenario = {
    name,
    about: typeof root["about"] === "string" ? root["about"].trim() : "",
    profile,
    rain,
    before: timeline.filter((entry) => entry.offsetMs < 0),
    after: timeline.filter((entry) => entry.offsetMs >= 0),
  };
  return { ok: true, scenario };
}

function readTimeline(
  plant: PlantDefinition,
  input: unknown,
  complain: (path: SettingPath, text: string) => void,
): TimelineEntry[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input)) {
    complain(["timeline"], "is not a list of {at: 20m, inject: {…}}");
    return [];
  }
  return input.flatMap((item: unknown, i): TimelineEntry[] => {
    const path = ["timeline", i];
    if (!isMap(item)) {
      complain(path, "is not {at: 20m, inject: {…}}");
      return [];
    }
    for (const key of Object.keys(item)) {
      if (key !== "at" && key !== "inject") {
        complain([...path, key], "is unknown; an entry has at and inject");
      }
    }
    const offsetMs = readOffset(item["at"]);
    if (offsetMs === undefined) {
      const text = `${JSON.stringify(item["at"] ?? null)} is not a time from the start; write it as 20m, 1h30m or -3.5d`;
      complain([...path, "at"], text);
    }
    const at = [...path, "inject"];
    const inject = readInjection(plant, item["inject"], (below, text) =>
      complain([...at, ...below], text),
    );
    return offsetMs === undefined || inject === undefined ? [] : [{ offsetMs, inject }];
  });
}

/** "20m", "0", "-3.5d" in ms. */
function readOffset(value: unknown): number | undefined {
  if (value === 0) return 0;
  if (typeof value !== "string") return undefined;
  const isBefore = value.startsWith("-");
  const durationMs = parseDuration(isBefore ? value.slice(1) : value);
  return durationMs === undefined ? undefined : isBefore ? -durationMs : durationMs;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
