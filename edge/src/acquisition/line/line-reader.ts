/** One device's lines to the texts of its fields. */
import { strict as assert } from "node:assert";
import type { LineLayout } from "../../configuration/line-settings.ts";

export type LineReading =
  /** The line is another device's. */
  | { is: "other" }
  | { is: "damaged"; text: string }
  /** In the order of the fields asked for; undefined where this line has none. */
  | { is: "read"; texts: (string | undefined)[] };

export type LineReader = (line: string) => LineReading;

const other: LineReading = { is: "other" };

/** `fields`: names, column numbers or positions, as the configuration has them. */
export function lineReaderOf(layout: LineLayout, fields: readonly string[]): LineReader {
  const pattern = layout.match === undefined ? undefined : new RegExp(layout.match);
  if (layout.fields.by === "groups") {
    assert(pattern, "groups without an expression");
    return (line) => {
      const groups = pattern.exec(line)?.groups;
      return groups ? { is: "read", texts: fields.map((field) => groups[field]) } : other;
    };
  }
  const take = takeApart(layout.fields, fields);
  return (line) => (pattern && !pattern.test(line) ? other : take(line));
}

function takeApart(
  layout: Exclude<LineLayout["fields"], { by: "groups" }>,
  fields: readonly string[],
): LineReader {
  switch (layout.by) {
    case "columns":
      return columnsOf(layout, fields);
    case "pairs":
      return pairsOf(layout.separator, fields);
    case "width":
      return positionsOf(layout.width, fields);
  }
}

function columnsOf(
  { separator, count }: { separator: string; count: number },
  fields: readonly string[],
): LineReader {
  const indexes = fields.map((field) => Number(field) - 1);
  const split = separator === " " ? /\s+/ : separator;
  return (line) => {
    const columns = (separator === " " ? line.trim() : line).split(split);
    // A separator that was lost would shift every value into another's column.
    if (columns.length !== count) {
      return { is: "damaged", text: `${columns.length} columns where ${count} are due` };
    }
    return { is: "read", texts: indexes.map((index) => columns[index]) };
  };
}

function pairsOf(separator: string | undefined, fields: readonly string[]): LineReader {
  const split = separator ?? /[\s,;]+/;
  return (line) => {
    const values = new Map<string, string>();
    for (const part of line.split(split)) {
      const at = part.search(/[=:]/);
      if (at <= 0) continue;
      const key = part.slice(0, at).trim();
      // Two lines in one, whose end in between was lost.
      if (values.has(key)) return { is: "damaged", text: `${key} stands twice in one line` };
      values.set(key, part.slice(at + 1));
    }
    if (values.size === 0) return { is: "damaged", text: "no pair of key and value" };
    return { is: "read", texts: fields.map((field) => values.get(field)) };
  };
}

/** "5-10" or "5": positions of characters, counted from 1. */
export function positionsIn(field: string): { from: number; to: number } | undefined {
  const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(field);
  if (!match) return undefined;
  const from = Number(match[1]);
  return { from, to: match[2] === undefined ? from : Number(match[2]) };
}

function positionsOf(width: number, fields: readonly string[]): LineReader {
  const places = fields.map((field) => {
    const place = positionsIn(field);
    assert(place, field);
    return place;
  });
  return (line) => {
    if (line.length !== width) {
      return { is: "damaged", text: `${line.length} characters where ${width} are due` };
    }
    return { is: "read", texts: places.map(({ from, to }) => line.slice(from - 1, to)) };
  };
}
