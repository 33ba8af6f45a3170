/** Why a reading is missing or of no use, beyond its reason: what was seen, and what a person can do. */
import type { TagSettings } from "../configuration/configuration.ts";
import { reason } from "./quality.ts";

export interface Missing {
  /** What was seen: "exception 2: illegal data address". */
  text: string;
  /** What to look at or to set; empty when there is nothing to say. */
  remedy: string;
}

const digitsShown = 6;

const shown = (value: number): string => String(Number(value.toPrecision(digitsShown)));

/** What a raw number that makes no good reading says about itself; undefined when its reason says it all. */
export function missingOf(tag: TagSettings, why: number, raw: number): Missing | undefined {
  const { scale, offset, min, max, unit } = tag;
  switch (why) {
    case reason.unknownCode:
      return { text: `code ${shown(raw)}`, remedy: "add it to the tag's `map`" };
    case reason.range:
    case reason.impossible: {
      const value = `${shown(raw * scale + offset)} ${unit}`.trim();
      const keys = tag.place
        ? "`min`, `max`, `scale`, `type` and `byteOrder`"
        : "`min`, `max` and `scale`";
      const remedy = `check ${keys} of the tag`;
      return { text: `${value}, range ${shown(min)} to ${shown(max)}`, remedy };
    }
    case reason.none:
      return { text: `${shown(raw)} stands for no value`, remedy: "" };
    case reason.currentLow:
    case reason.currentHigh:
    case reason.currentUncertain: {
      const remedy = "check the sensor, its supply and its wires";
      return { text: `${shown(raw * scale + offset)} mA`, remedy };
    }
    case reason.notANumber:
      // Only registers have a type.
      return tag.place
        ? { text: "", remedy: "check `type` and `byteOrder` of the tag" }
        : undefined;
    default:
      return undefined;
  }
}
