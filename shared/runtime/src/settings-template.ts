/**
 * A settings file to begin with, out of the table that reads it: every setting with its sentence, those that
 * are given as they stand, all others as comments with their defaults.
 */
import { isTable, type Setting, type SettingRows } from "./settings.ts";

export interface Template {
  /** First lines, each a comment. */
  head: readonly string[];
  /** What the file says. */
  given: Readonly<Record<string, unknown>>;
  /** What stands in a comment where a setting has no default; the rest of it is `{}`, `[]` or nothing. */
  samples?: Readonly<Record<string, unknown>>;
}

const columnMax = 100;

/** YAML that the table reads, with a comment line for each sentence. Ends with a line end. */
export function settingsTemplate(table: Setting<unknown>, template: Template): string {
  const { head, given, samples = {} } = template;
  const body = tableLines(table.children ?? {}, { given, samples });
  return `${[...head.map((line) => `# ${line}`), ...body].join("\n")}\n`;
}

interface Values {
  given: Readonly<Record<string, unknown>>;
  samples: Readonly<Record<string, unknown>>;
}

function tableLines(rows: SettingRows, { given, samples }: Values, depth = 0): string[] {
  return Object.entries(rows).flatMap(([key, row]) => [
    ...(depth === 0 ? [""] : []),
    ...docLines(row.doc),
    ...rowLines(key, row, { given: given[key], sample: samples[key], depth }),
  ]);
}

interface RowValue {
  given: unknown;
  sample: unknown;
  depth: number;
}

function rowLines(key: string, row: Setting<unknown>, value: RowValue): string[] {
  const { given, sample, depth } = value;
  const isGiven = given !== undefined;
  if (row.shape === "table" && row.children) {
    const isLeftOut = !isGiven && row.fallback?.input === undefined;
    const values = { given: tableOf(isLeftOut ? sample : given), samples: tableOf(sample) };
    const lines = [`${key}:`, ...indented(tableLines(row.children, values, depth + 1))];
    return isLeftOut ? lines.map(commented) : lines;
  }
  const shown = isGiven ? given : (sample ?? row.fallback?.input ?? emptyOf(row));
  const lines = entryLines(key, row, { ...value, given: shown });
  return isGiven ? lines : lines.map(commented);
}

/** A list of tables has its first entry with a sentence for each key; those behind it take a line each. */
function entryLines(
  key: string,
  row: Setting<unknown>,
  { given, sample, depth }: RowValue,
): string[] {
  const rows = row.children;
  if (!Array.isArray(given) || !rows || !given.every(isTable)) return [`${key}: ${flow(given)}`];
  const [first, ...others] = given;
  if (!first) return [`${key}: []`];
  const samples = tableOf(Array.isArray(sample) ? sample[0] : undefined);
  const begun = tableLines(rows, { given: first, samples }, depth + 1);
  return [
    `${key}:`,
    "  -",
    ...indented(indented(begun)),
    ...others.map((other) => `  - ${flow(other)}`),
  ];
}

const commented = (line: string): string => `#${line}`;
const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const tableOf = (input: unknown): Record<string, unknown> => (isTable(input) ? input : {});

const emptyOf = ({ shape }: Setting<unknown>): unknown =>
  shape === "list" ? [] : shape === "map" ? {} : "";

/** A sentence as comment lines. */
function docLines(doc: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of doc.split(" ").filter(Boolean)) {
    if (line.length + 1 + word.length > columnMax) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return line === "#" ? lines : [...lines, line];
}

/** A value on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (isTable(value)) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return `{${entries.map(([key, one]) => `${key}: ${flow(one)}`).join(", ")}}`;
  }
  return typeof value === "string" ? scalar(value) : String(value);
}

/** Quoted unless every reader of YAML takes it for a text. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z]([\w ./+-]*\w)?$/.test(text) || /^\d+(ms|[smhd])$/.test(text);
  const isWord = /^(true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return isPlain && !isWord ? text : JSON.stringify(text);
}
