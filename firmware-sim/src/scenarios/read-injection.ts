/** Reads one injection from plain data; says everything that is wrong with it at once. */
import { readSettingsText, type SettingsResult } from "@weir/runtime/settings.ts";
import type { Injection } from "../faults/injection.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { injection } from "./injection-settings.ts";

/** @param input as it came over HTTP, or as it would stand in a scenario */
export const readInjection = (plant: PlantDefinition, input: unknown): SettingsResult<Injection> =>
  readSettingsText(JSON.stringify(input ?? null), injection(plant), "injection");
