/** Options of every command that makes a plant. */
import type { OptionSpecs } from "@weir/runtime/cli.ts";
import { defaultPlantId, plantIds } from "../plants/plants.ts";

/** Which plant. */
export const plantOption = {
  flag: "--plant",
  type: "string",
  default: defaultPlantId,
  choices: plantIds,
  doc: "The plant that is simulated.",
} as const satisfies OptionSpecs[string];

export const plantOptions = {
  plant: plantOption,
  seed: {
    flag: "--seed",
    type: "number",
    default: 42,
    integer: true,
    min: 0,
    max: 4_294_967_295,
    doc: "Seed of all chance: the same seed lives the same life.",
  },
  scenario: {
    flag: "--scenario",
    type: "string",
    default: "story",
    value: "NAME|FILE",
    doc: 'What happens: one of "weir-sim scenarios", or a YAML file.',
  },
  profile: {
    flag: "--profile",
    type: "string",
    default: undefined,
    choices: ["tidy", "realistic"],
    doc: "Quality of sensors and quiet of the process; the scenario's own without it.",
  },
  days: {
    flag: "--days",
    type: "number",
    default: 28,
    integer: true,
    min: 1,
    max: 400,
    doc: "Days of history before the start.",
  },
  fineDays: {
    flag: "--fine-days",
    type: "number",
    default: 3,
    integer: true,
    min: 0,
    max: 30,
    doc: "Days at the end of the history lived second by second and kept as minutes.",
  },
} as const satisfies OptionSpecs;
