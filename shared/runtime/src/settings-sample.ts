/** A sample file out of the table that reads it, so that the two cannot disagree. */
import type { Setting, SettingRows } from "./settings.ts";

/** YAML: each row under its sentence; rows that have no default stand as comments. */
export function sampleSettings(table: Setting<unknown>): string {
  return `${rowsOf(table.children ?? {}, "").join("\n")}\n`;
}

const rowsOf = (rows: SettingRows, indent: string): string[] =>
  Object.entries(rows).flatMap(([key, row]) => [
    `${indent}# ${[row.doc, remark(row)].filter((part) => part !== "").join(" ")}`,
    ...(row.children && row.shape
      ? nested(key, { rows: row.children, shape: row.shape, indent })
      : [`${indent}${valueLine(key, row)}`]),
  ]);

/** "A whole number from 1 to 512." */
function remark({ expected, shape }: Setting<unknown>): string {
  if (shape !== undefined) return "";
  return `${expected.charAt(0).toUpperCase()}${expected.slice(1)}.`;
}

function valueLine(key: string, { fallback, shape }: Setting<unknown>): string {
  if (fallback === undefined) return `# ${key}: (must be given)`;
  if (fallback.input === undefined) return `# ${key}:`;
  if (shape === "list" || shape === "map") return `${key}: ${JSON.stringify(fallback.input)}`;
  return `${key}: ${scalar(fallback.input)}`;
}

/** Quoted only where YAML would read something else. */
const scalar = (input: unknown): string =>
  typeof input === "string" &&
  /^(?!(?:true|false|null)$)[A-Za-z/][\w/.-]*$|^\d+(?:ms|s|m|h|d)$/.test(input)
    ? input
    : JSON.stringify(input);

function nested(
  key: string,
  { rows, shape, indent }: { rows: SettingRows; shape: string; indent: string },
): string[] {
  if (shape === "table") return [`${indent}${key}:`, ...rowsOf(rows, `${indent}  `)];
  const entry = rowsOf(rows, "").map((line) => `${indent}#     ${line}`);
  const head = shape === "list" ? "-" : "NAME:";
  const empty = shape === "list" ? "[]" : "{}";
  return [`${indent}${key}: ${empty}`, `${indent}#   ${head}`, ...entry];
}
