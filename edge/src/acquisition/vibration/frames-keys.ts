/** Keys of lines with frames of a vibration sensor, and of the machine it sits on. */
import { choice, integer, number } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { words } from "../../configuration/document-words.ts";
import { trustKeys } from "../modbus/modbus-keys.ts";
import { commonKeys, type LineDefaults, patienceKeys, serialKeys } from "../transport-keys.ts";

/** Three axes at 1 kHz are 61 kbit/s. */
export const framesLine: LineDefaults = { baud: 115_200, dataBits: 8, parity: "N", stopBits: 1 };

export const framesConnection = object(
  {
    ...serialKeys(framesLine),
    // Frames come ten times a second, unasked; silence for this long is a fault.
    ...patienceKeys({ timeoutMs: 3_000, retries: 0 }),
    ...commonKeys,
    ...trustKeys,
  },
  { doc: "A three-axis vibration sensor at 1 kHz." },
);

const bearing = object(
  {
    balls: integer({ min: 3, max: 100, doc: "How many balls or rollers." }),
    ball: number({ min: 0.1, max: 1_000, doc: "Diameter of one." }),
    pitch: number({
      min: 0.1,
      max: 10_000,
      doc: "Diameter of the circle through their centres, same unit.",
    }),
    angle: number({ default: 0, min: 0, max: 60, doc: "Contact angle, degrees." }),
  },
  { doc: "The rolling bearing whose lines are looked for." },
);
export type BearingDraft = DraftOf<typeof bearing>;

const machine = object(
  {
    speed: number({ min: 120, max: 15_000, doc: "Speed of the shaft, turns a minute." }),
    speedTag: optional(
      words(
        'Tag with the present speed, turns a minute, as "P01/SPEED"; `speed` is then the rated one.',
      ),
    ),
    kW: number({
      min: 0.1,
      max: 100_000,
      doc: "Rated power; with the mounting it gives the limits of ISO 20816-3.",
    }),
    mounting: choice(["rigid", "flexible"], {
      default: "rigid",
      doc: "How the machine stands; flexible where the base gives way.",
    }),
    category: choice(["general", "pump-1", "pump-2"], {
      default: "general",
      doc: "What kind of machine; pump-1 and pump-2 are the categories of ISO 10816-7: critical, others.",
    }),
    bearing: optional(bearing),
    signal: choice(["velocity", "acceleration"], {
      default: "velocity",
      doc: "What the sensor sends.",
    }),
    scale: optional(
      number({
        min: 0,
        max: 1,
        doc: "One count in mm/s (0.01 by default) or g (0.0005 by default).",
      }),
    ),
  },
  { doc: "The machine that a vibration sensor sits on." },
);
export type MachineDraft = DraftOf<typeof machine>;

export const framesDeviceKeys = { machine: optional(machine) };
