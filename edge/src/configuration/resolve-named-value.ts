/** Tags whose value has a name or number in a line or a measurement, and no register. */
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import { positionsIn } from "../acquisition/line/line-reader.ts";
import { valuesMax } from "../acquisition/sdi12/sdi12-answer.ts";
import type { GivenTag } from "./document-tag.ts";
import type { LineLayout } from "./line-settings.ts";
import { fault, type Resolving } from "./resolving.ts";

/** What a device's tags may name. */
export type NamedValues =
  | { in: "line"; layout: LineLayout; groups: readonly string[] }
  | { in: "measurement" }
  | { in: "message" };

/** Without a measuring range a value is only bounded so that it can be a number of the plant. */
const rangeDefault = { min: -1e9, max: 1e9 };
const registerKeys = ["type", "byteOrder", "bit", "mask"] as const;

const words: Record<NamedValues["in"], { word: string; example: string; what: string }> = {
  line: { word: "field", example: '"field cl"', what: "field of a line" },
  message: { word: "field", example: '"field sensor.temp"', what: "field of a message" },
  measurement: { word: "value", example: '"value 1"', what: "value of a measurement" },
};

/** The field that `text` names, or undefined with the fault noted. */
export function resolveField(
  at: Resolving,
  text: string | undefined,
  { path, values }: { path: SettingPath; values: NamedValues },
): string | undefined {
  const { word, example, what } = words[values.in];
  if (text === undefined) {
    return fault(at, path, `"read" is missing: where the value is, as ${example}`);
  }
  // Names of Sparkplug metrics may have blanks.
  const pattern = values.in === "message" ? ".+" : "\\S+";
  const name = new RegExp(`^${word}\\s+(${pattern})$`).exec(text.trim())?.[1];
  const where = [...path, "read"];
  if (name === undefined) {
    return fault(at, where, `"${text}" is no ${what}; write it as ${example}`);
  }
  if (values.in === "message") return name;
  const flaw = values.in === "line" ? lineFlaw(name, values) : measurementFlaw(name);
  return flaw === undefined ? name : fault(at, where, flaw);
}

/** The tag's keys with a range where it names none; a fault for each key that registers have. */
export function withoutRegisters(at: Resolving, raw: GivenTag, path: SettingPath): GivenTag {
  for (const key of registerKeys) {
    if (raw[key] === undefined) continue;
    fault(at, [...path, key], `text has no registers, so no ${key}; leave it out`);
  }
  const { type, byteOrder, bit, mask, ...own } = raw;
  return raw.signal === "4-20mA" ? own : { ...rangeDefault, ...own };
}

function lineFlaw(
  name: string,
  { layout: { fields }, groups }: Extract<NamedValues, { in: "line" }>,
): string | undefined {
  switch (fields.by) {
    case "groups": {
      if (groups.includes(name)) return undefined;
      const guess = nearestName(name, groups);
      return `match has no group "${name}"; ${guess ? `did you mean ${guess}?` : `it has ${groups.join(", ")}`}`;
    }
    case "columns":
      if (/^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= fields.count) return undefined;
      return `"${name}" is no column; they go from 1 to ${fields.count}`;
    case "pairs":
      return undefined;
    case "width": {
      const place = positionsIn(name);
      const isInside =
        place && place.from >= 1 && place.from <= place.to && place.to <= fields.width;
      if (isInside) return undefined;
      return `"${name}" is no place of a line of ${fields.width} characters; write the first and the last, as 5-10`;
    }
  }
}

const measurementFlaw = (name: string): string | undefined =>
  /^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= valuesMax
    ? undefined
    : `"${name}" is no value of a measurement; they go from 1 to ${valuesMax}`;
