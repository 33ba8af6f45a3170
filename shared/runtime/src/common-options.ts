/** The options every tier's commands share: spread them into a command's own. */
import type { OptionSpecs } from "./command.ts";

export const commonOptions = {
  config: {
    flag: "--config",
    type: "string",
    default: undefined,
    value: "FILE",
    doc: "Settings file (YAML).",
  },
  dataDir: {
    flag: "--data-dir",
    type: "string",
    default: undefined,
    value: "DIR",
    doc: "Folder for everything that must survive a restart.",
  },
  clock: {
    flag: "--clock",
    type: "string",
    default: undefined,
    value: "SPEC",
    doc: "Plant clock of a simulation, rate=60,from=<ISO time>,at=<real UTC ms>; real time without it.",
  },
  logLevel: {
    flag: "--log-level",
    type: "string",
    default: "info",
    choices: ["debug", "info", "warn", "error"],
    value: "LEVEL",
    doc: "How much is logged.",
  },
  json: {
    flag: "--json",
    type: "boolean",
    default: false,
    doc: "Every line on stdout is one JSON object.",
  },
  untilStdinEnds: {
    flag: "--until-stdin-ends",
    type: "boolean",
    default: false,
    doc: "Stops when stdin ends as well: for programs that start this one and may be killed themselves.",
  },
} as const satisfies OptionSpecs;
