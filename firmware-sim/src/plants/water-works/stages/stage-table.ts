/**
 * The 45 stages of the works in flow order, and what each of their 280 sensors sees.
 * A sensor is written `<tag> <instrument> <signal>`; the signal is a true quantity of the process.
 */
import { drinkingStages } from "./drinking-stages.ts";
import { sewageStages } from "./sewage-stages.ts";
import { sludgeStages } from "./sludge-stages.ts";
import type { WorksStage } from "./works-stage.ts";

export const lines = [
  { id: "W", name: "Sewage treatment" },
  { id: "S", name: "Sludge treatment" },
  { id: "D", name: "Drinking water" },
] as const;

export const stages: readonly WorksStage[] = [...sewageStages, ...sludgeStages, ...drinkingStages];
