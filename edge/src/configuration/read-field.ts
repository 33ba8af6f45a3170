/** Reads a value by its description: every fault is noted with its place, and reading goes on. */
import { formatDuration, parseDuration } from "@weir/runtime/duration.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { Problem, SettingPath } from "@weir/runtime/problem.ts";
import type { YamlSource } from "@weir/runtime/yaml-source.ts";
import type { Field } from "./field.ts";

export interface Reading {
  source: YamlSource;
  problems: Problem[];
}

type Plain = Record<string, unknown>;

/** The value in the program's units (durations as milliseconds, levels as numbers); undefined when it is wrong. */
export function readField(field: Field, value: unknown, at: Reading, path: SettingPath): unknown {
  switch (field.is) {
    case "table":
      return readTable(field, value, at, path);
    case "map":
      return readMap(field, value, at, path);
    case "list":
      return readList(field, value, at, path);
    case "listOrTable":
      return readField(isPlain(value) ? field.table : field.list, value, at, path);
    case "text":
      return readText(field, value, at, path);
    case "number":
      return readNumber(field, value, at, path);
    case "duration":
      return readDuration(field, value, at, path);
    case "flag":
      if (typeof value === "boolean") return value;
      return note(at, path, `${show(value)} is not true or false`);
    case "level":
      return readLevel(value, at, path);
  }
}

function readTable(
  field: Extract<Field, { is: "table" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): Plain | undefined {
  if (value === null && path.length === 0)
    return note(
      at,
      path,
      'the file is empty; "weir-edge validate --schema" tells what it may hold',
    );
  if (!isPlain(value)) return note(at, path, `${show(value)} is not a table of keys and values`);
  const result: Plain = {};
  for (const [key, child] of Object.entries(value)) {
    const known = Object.hasOwn(field.fields, key) ? field.fields[key] : undefined;
    if (!known) {
      const guess = nearestName(key, Object.keys(field.fields));
      const remedy = guess
        ? `did you mean ${guess}?`
        : `known keys: ${Object.keys(field.fields).join(", ")}`;
      at.problems.push(
        at.source.problem([...path, key], `"${key}" is not known here; ${remedy}`, "key"),
      );
      continue;
    }
    const read = readField(known, child, at, [...path, key]);
    if (read !== undefined) result[key] = read;
  }
  for (const key of field.needs ?? []) {
    if (!(key in value)) note(at, path, `"${key}" is missing: ${field.fields[key]!.doc}`);
  }
  return result;
}

function readMap(
  field: Extract<Field, { is: "map" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): Plain | undefined {
  if (!isPlain(value)) return note(at, path, `${show(value)} is not a table of keys and values`);
  const result: Plain = {};
  for (const [key, child] of Object.entries(value)) {
    if (!field.key.test(key)) {
      const text = `"${key}" cannot be a key here; allowed: ${field.keyDoc}`;
      at.problems.push(at.source.problem([...path, key], text, "key"));
      continue;
    }
    const read = readField(field.value, child, at, [...path, key]);
    if (read !== undefined) result[key] = read;
  }
  return result;
}

function readList(
  field: Extract<Field, { is: "list" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): unknown[] | undefined {
  if (!Array.isArray(value))
    return note(at, path, `${show(value)} is not a list; start each item with "- "`);
  // A faulty item keeps its place, so that later paths still point at the right line.
  return value.map((item, i) => readField(field.item, item, at, [...path, i]));
}

function readText(
  field: Extract<Field, { is: "text" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") {
    return note(at, path, `${show(value)} is not a text`);
  }
  const text = String(value);
  if (field.values && !field.values.includes(text)) {
    const guess = nearestName(text, field.values);
    return note(
      at,
      path,
      `"${text}" is not one of ${field.values.join(", ")}${guess ? `; did you mean ${guess}?` : ""}`,
    );
  }
  if (text === "") return note(at, path, `is empty: ${field.doc}`);
  if (field.pattern && !field.pattern.test(text)) {
    return note(at, path, `"${text}" is not ${field.patternDoc}`);
  }
  return text;
}

function readNumber(
  field: Extract<Field, { is: "number" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return note(at, path, `${show(value)} is not a number`);
  }
  if (field.isInteger && !Number.isInteger(value))
    return note(at, path, `${value} is not a whole number`);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = field;
  if (value < min) return note(at, path, `${value} is below ${min} (${field.doc})`);
  if (value > max) return note(at, path, `${value} is above ${max} (${field.doc})`);
  return value;
}

function readDuration(
  field: Extract<Field, { is: "duration" }>,
  value: unknown,
  at: Reading,
  path: SettingPath,
): number | undefined {
  const durationMs = value === 0 ? 0 : typeof value === "string" ? parseDuration(value) : undefined;
  if (durationMs === undefined) {
    return note(
      at,
      path,
      `${show(value)} is not a duration; write it with its unit, as 500ms, 3s, 10m or 8h`,
    );
  }
  if (durationMs < field.minMs) {
    return note(at, path, `${value} is below ${formatDuration(field.minMs)} (${field.doc})`);
  }
  if (durationMs > field.maxMs) {
    return note(at, path, `${value} is above ${formatDuration(field.maxMs)} (${field.doc})`);
  }
  return durationMs;
}

/** YAML 1.2 reads on and off as texts. */
const levels: Record<string, number> = { on: 1, true: 1, open: 1, off: 0, false: 0, closed: 0 };

function readLevel(value: unknown, at: Reading, path: SettingPath): number | string | undefined {
  if (typeof value === "number") return value;
  const word = String(value).toLowerCase();
  if (Object.hasOwn(levels, word)) return levels[word];
  if (word === "hardhigh" || word === "hardlow") return word;
  return note(at, path, `${show(value)} is not on, off or a number`);
}

function note(at: Reading, path: SettingPath, text: string): undefined {
  at.problems.push(at.source.problem(path, text));
  return undefined;
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
