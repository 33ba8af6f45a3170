/**
 * Settings as a table: one row gives a setting its type, default, bounds and sentence. Unknown keys
 * are refused with the name that was probably meant, and all faults are told at once.
 */
import { nearestName } from "./nearest-name.ts";
import type { Problem, SettingPath } from "./problem.ts";
import { parseYaml, readYamlFile, type YamlResult, type YamlSource } from "./yaml-source.ts";

/** How one value is read. Made by the functions of setting-kinds.ts, `object`, `list` and `map`. */
export interface Setting<T> {
  /** One sentence for people: what it is for. */
  readonly doc: string;
  /** "a whole number from 1 to 512": completes "give …". */
  readonly expected: string;
  /** The value as it would stand in the file when none is given; undefined: it must be given. */
  readonly fallback: { input: unknown } | undefined;
  /** Rows below this one, and whether they come once, as a list or under names: for documentation. */
  readonly children?: SettingRows;
  readonly shape?: "table" | "list" | "map";
  /** The same as JSON Schema, without the doc and the default. */
  readonly schema: JsonSchema;
  /** The value, or anything after a complaint. */
  read(input: unknown, at: Place): T;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export type SettingRows = Readonly<Record<string, Setting<unknown>>>;
type ValueOf<S> = S extends Setting<infer T> ? T : never;
type ValuesOf<Rows extends SettingRows> = { [K in keyof Rows]: ValueOf<Rows[K]> };

/** The value that a table reads: `type UplinkSettings = SettingsOf<typeof uplinkSettings>`. */
export type SettingsOf<S> = ValueOf<S>;

/** A relation between settings: a sentence that states it, its test, and the key to point at. */
export type SettingRule<T> = readonly [
  sentence: string,
  holds: (value: T) => boolean,
  at?: Extract<keyof T, string>,
];

export type SettingsResult<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

/** Most problems told of one file: beyond it the file is of another kind. */
const problemCountMax = 100;

/** Where a value stands in its file, and where complaints about it go. */
export class Place {
  readonly source: YamlSource;
  readonly path: SettingPath;
  readonly #problems: Problem[];

  constructor(source: YamlSource, path: SettingPath, problems: Problem[]) {
    this.source = source;
    this.path = path;
    this.#problems = problems;
  }

  child(step: string | number): Place {
    return new Place(this.source, [...this.path, step], this.#problems);
  }

  complain(text: string, of: "value" | "key" = "value"): void {
    if (this.#problems.length < problemCountMax)
      this.#problems.push(this.source.problem(this.path, text, of));
  }

  /** How many complaints there are so far, in the whole file. */
  get complaintCount(): number {
    return this.#problems.length;
  }
}

/** The table of a whole file or of one part of a program. */
export function settings<Rows extends SettingRows>(
  rows: Rows,
  rules: readonly SettingRule<ValuesOf<Rows>>[] = [],
): Setting<ValuesOf<Rows>> {
  return object(rows, { doc: "", rules });
}

/** A nested table. Left out, it is read as an empty one, so that its rows' own defaults count. */
export function object<Rows extends SettingRows>(
  rows: Rows,
  options: { doc: string; rules?: readonly SettingRule<ValuesOf<Rows>>[] },
): Setting<ValuesOf<Rows>> {
  const names = Object.keys(rows);
  const read = (input: unknown, at: Place): ValuesOf<Rows> => {
    const value: Record<string, unknown> = {};
    if (!isTable(input)) {
      at.complain(`${show(input)} stands where a table is expected; give ${namesOf(names)}`);
      return value as ValuesOf<Rows>;
    }
    const before = at.complaintCount;
    for (const key of Object.keys(input)) {
      if (!Object.hasOwn(rows, key)) at.child(key).complain(unknownKey(key, names), "key");
    }
    for (const [key, row] of Object.entries(rows)) {
      value[key] = readRow(row, Object.hasOwn(input, key) ? input[key] : undefined, at.child(key));
    }
    if (at.complaintCount > before) return value as ValuesOf<Rows>;
    for (const [sentence, holds, key] of options.rules ?? []) {
      if (!holds(value as ValuesOf<Rows>)) (key ? at.child(key) : at).complain(sentence);
    }
    return value as ValuesOf<Rows>;
  };
  return {
    doc: options.doc,
    expected: `a table with ${namesOf(names)}`,
    fallback: { input: {} },
    children: rows,
    shape: "table",
    schema: tableSchema(rows),
    read,
  };
}

function tableSchema(rows: SettingRows): JsonSchema {
  const required = Object.keys(rows).filter((key) => rows[key]?.fallback === undefined);
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(rows).map(([key, row]) => [key, documentedSchema(row)]),
    ),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
  };
}

/** JSON Schema of a setting with its doc and default, for editors. */
export function documentedSchema({ doc, fallback, schema, shape }: Setting<unknown>): JsonSchema {
  const isValue = shape === undefined && fallback?.input !== undefined;
  return {
    ...(doc !== "" && { description: doc }),
    ...schema,
    ...(isValue && { default: fallback.input }),
  };
}

/** A list of values or tables. */
export function list<T>(
  of: Setting<T>,
  options: { doc: string; default?: readonly unknown[]; min?: number; max?: number },
): Setting<T[]> {
  const { min = 0, max = 10_000 } = options;
  return {
    doc: options.doc,
    expected: `a list of ${min} to ${max} entries, each ${of.expected}`,
    fallback:
      "default" in options ? { input: options.default } : min > 0 ? undefined : { input: [] },
    ...(of.children && { children: of.children }),
    shape: "list",
    schema: { type: "array", items: documentedSchema(of), minItems: min, maxItems: max },
    read: (input, at) => {
      if (!Array.isArray(input)) {
        at.complain(
          `${show(input)} is not a list; start each entry with "- " ${sentence(options.doc)}`,
        );
        return [];
      }
      if (input.length < min) at.complain(tooFew(input.length, min, options.doc));
      if (input.length > max) at.complain(tooMany(input.length, max, options.doc));
      return input.slice(0, max).map((entry, i) => readRow(of, entry, at.child(i)));
    },
  };
}

/** A table whose keys are free names; values all of one kind. */
export function map<T>(
  of: Setting<T>,
  options: { doc: string; max?: number; key?: RegExp },
): Setting<Record<string, T>> {
  const { max = 10_000, key: pattern = /^[A-Za-z0-9][\w.-]*$/ } = options;
  return {
    doc: options.doc,
    expected: "a table of names",
    fallback: { input: {} },
    ...(of.children && { children: of.children }),
    shape: "map",
    schema: {
      type: "object",
      propertyNames: { pattern: pattern.source },
      additionalProperties: documentedSchema(of),
      maxProperties: max,
    },
    read: (input, at) => {
      if (!isTable(input)) {
        at.complain(`${show(input)} is not a table of names ${sentence(options.doc)}`);
        return {};
      }
      const keys = Object.keys(input);
      if (keys.length > max) at.complain(tooMany(keys.length, max, options.doc));
      for (const key of keys) {
        if (!pattern.test(key))
          at.child(key).complain(
            `"${key}" is no name here; it must match ${pattern.source}`,
            "key",
          );
      }
      return Object.fromEntries(
        keys.slice(0, max).map((key) => [key, readRow(of, input[key], at.child(key))]),
      );
    },
  };
}

/** The same setting, undefined when it is not given. */
export const optional = <T>(setting: Setting<T>): Setting<T | undefined> => ({
  ...setting,
  fallback: { input: undefined },
  read: (input, at) => (input === undefined ? undefined : setting.read(input, at)),
});

/** Reads a parsed document, or the part of it under `path`. */
export function readSettings<T>(
  source: YamlSource,
  table: Setting<T>,
  path: SettingPath = [],
): SettingsResult<T> {
  let input: unknown = source.root;
  for (const step of path) input = (input as Record<string | number, unknown> | undefined)?.[step];
  const problems: Problem[] = [];
  const value = readRow(table, input ?? undefined, new Place(source, path, problems));
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

export const readSettingsFile = <T>(file: string, table: Setting<T>): SettingsResult<T> =>
  readParsed(readYamlFile(file), table);

/** `file` names the text in problems, and its folder is where relative paths start. */
export const readSettingsText = <T>(
  text: string,
  table: Setting<T>,
  file = "settings.yaml",
): SettingsResult<T> => readParsed(parseYaml(file, text), table);

/** What the table says when nothing is given. Only for tables in which every row has a default. */
export function defaultsOf<T>(table: Setting<T>): SettingsResult<T> {
  return readSettingsText("", table);
}

const readParsed = <T>(parsed: YamlResult, table: Setting<T>): SettingsResult<T> =>
  parsed.ok ? readSettings(parsed, table) : parsed;

/** A key that is absent, or there without a value, takes its default. */
function readRow<T>(row: Setting<T>, input: unknown, at: Place): T {
  if (input !== undefined && input !== null) return row.read(input, at);
  if (row.fallback) return row.read(row.fallback.input, at);
  at.complain(`is missing; give ${row.expected} ${sentence(row.doc)}`.trimEnd());
  return undefined as T;
}

function unknownKey(key: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  return near ? `unknown; did you mean ${near}?` : `unknown; known here: ${namesOf(names)}`;
}

const namesOf = (names: readonly string[]): string => names.join(", ");
const tooFew = (count: number, min: number, doc: string): string =>
  `has ${count} entries, fewer than ${min} ${sentence(doc)}`;
const tooMany = (count: number, max: number, doc: string): string =>
  `has ${count} entries, more than ${max} ${sentence(doc)}`;

export const isTable = (input: unknown): input is Record<string, unknown> =>
  typeof input === "object" && input !== null && !Array.isArray(input);

/** The doc sentence as the tail of a complaint. */
export const sentence = (doc: string): string => (doc === "" ? "" : `(${doc})`);

/** A value as it is quoted in a complaint. */
export function show(input: unknown): string {
  if (input === null || input === undefined) return "nothing";
  if (Array.isArray(input)) return "a list";
  if (isTable(input)) return "a table";
  const text = typeof input === "string" ? JSON.stringify(input) : String(input);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
