/** How settings stand together: tables whole and in part, lists, names of the user's choice. */
import { nearestName } from "./nearest-name.ts";
import {
  type DraftOf,
  isTable,
  type JsonSchema,
  type Place,
  readRow,
  type Setting,
  type SettingRows,
  type SettingsOf,
  sentence,
  show,
} from "./settings.ts";

/** More entries than people write. */
const manyEntries = 10_000;

export type ValuesOf<Rows extends SettingRows> = { [K in keyof Rows]: SettingsOf<Rows[K]> };
export type DraftsOf<Rows extends SettingRows> = { [K in keyof Rows]: DraftOf<Rows[K]> };

/** A relation between settings: a sentence that states it, its test, and the key to point at. */
export type SettingRule<T> = readonly [
  sentence: string,
  holds: (value: T) => boolean,
  at?: Extract<keyof T, string>,
];

/** The table of a whole file or of one part of a program. */
export function settings<Rows extends SettingRows>(
  rows: Rows,
  rules: readonly SettingRule<ValuesOf<Rows>>[] = [],
): TableSetting<Rows> {
  return object(rows, { doc: "", rules });
}

export interface TableSetting<Rows extends SettingRows>
  extends Setting<ValuesOf<Rows>, DraftsOf<Rows>> {
  readonly children: Rows;
}

/** A nested table. Left out, it is read as an empty one, so that its rows' own defaults count. */
export function object<Rows extends SettingRows>(
  rows: Rows,
  { doc, rules = [] }: { doc: string; rules?: readonly SettingRule<ValuesOf<Rows>>[] },
): TableSetting<Rows> {
  const names = Object.keys(rows);
  const read = (input: unknown, at: Place): DraftsOf<Rows> => {
    if (!isTable(input)) {
      at.complain(noTable(input, rows));
      return table.draft(at);
    }
    const before = at.complaintCount;
    refuseUnknown(input, names, at);
    const value = at.isPartial ? readGiven(rows, input, at) : readRows(rows, input, at);
    if (at.complaintCount > before || at.isPartial) return value as DraftsOf<Rows>;
    for (const [text, holds, key] of rules) {
      // Nothing was complained of, so that nothing is left out.
      if (!holds(value as ValuesOf<Rows>)) (key ? at.child(key) : at).complain(text);
    }
    return value as DraftsOf<Rows>;
  };
  const table: TableSetting<Rows> = {
    doc,
    expected: `a table with ${firstNames(rows)}`,
    fallback: { input: {} },
    children: rows,
    shape: "table",
    schema: tableSchema(rows),
    read,
    draft: (at) => readRows(rows, {}, at.quietly()) as DraftsOf<Rows>,
  };
  return table;
}

function refuseUnknown(input: object, names: readonly string[], at: Place): void {
  for (const key of Object.keys(input)) {
    if (!names.includes(key)) at.child(key).complain(unknownKey(key, names), "key");
  }
}

export function readRows(rows: SettingRows, input: Record<string, unknown>, at: Place) {
  const value: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    value[key] = readRow(row, Object.hasOwn(input, key) ? input[key] : undefined, at.child(key));
  }
  return value;
}

/** Only what is given; of what is missing only the name by which a table is known. */
export function readGiven(rows: SettingRows, input: Record<string, unknown>, at: Place) {
  const given = Object.entries(rows).filter(([key]) => Object.hasOwn(input, key) || key === "id");
  return readRows(Object.fromEntries(given), input, at);
}

const neededKeys = (rows: SettingRows): string[] =>
  Object.keys(rows).filter((key) => rows[key]?.fallback === undefined);

export function tableSchema(
  rows: SettingRows,
  needed: readonly string[] = neededKeys(rows),
): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(rows).map(([key, row]) => [key, documentedSchema(row)]),
    ),
    additionalProperties: false,
    ...(needed.length > 0 && { required: needed }),
  };
}

/** JSON Schema of a setting with its doc and default, for editors. */
export function documentedSchema(setting: Setting<unknown, unknown>): JsonSchema {
  const { doc, fallback, schema, shape } = setting;
  const isValue = shape === undefined && fallback?.input !== undefined;
  return {
    ...(doc !== "" && { description: doc }),
    ...schema,
    ...(isValue && { default: fallback.input }),
  };
}

type GivenOf<Rows extends SettingRows, Needs extends keyof Rows> = {
  [K in Exclude<keyof Rows, Needs>]?: Exclude<DraftOf<Rows[K]>, undefined>;
} & { [K in Needs]: DraftOf<Rows[K]> };

/**
 * A table of which a file may give any part, to be laid over another: what is not given is not there, and takes
 * its default only in `completed`. Only `needs` must be given. Rules are left to whoever has the whole.
 */
export function partial<Rows extends SettingRows, const Needs extends string & keyof Rows = never>(
  { doc, children: rows }: { doc: string; children: Rows },
  needs: readonly Needs[] = [],
): Setting<GivenOf<Rows, Needs>, GivenOf<Rows, Needs>> {
  const names = Object.keys(rows);
  const given = (input: Record<string, unknown>, at: Place) => {
    const value: Record<string, unknown> = {};
    const needed: readonly string[] = at.isPartial ? needs.filter((key) => key === "id") : needs;
    for (const [key, row] of Object.entries(rows)) {
      if (!Object.hasOwn(input, key) && !needed.includes(key)) continue;
      const read = readGivenRow(row, input[key], at.child(key));
      if (read !== undefined) value[key] = read;
    }
    return value as GivenOf<Rows, Needs>;
  };
  const table: Setting<GivenOf<Rows, Needs>, GivenOf<Rows, Needs>> = {
    doc,
    expected: `a table with ${firstNames(rows)}`,
    fallback: { input: {} },
    children: rows,
    shape: "table",
    schema: tableSchema(rows, needs),
    read: (input, at) => {
      if (!isTable(input)) {
        at.complain(noTable(input, rows));
        return table.draft(at);
      }
      refuseUnknown(input, names, at);
      return given(input, at);
    },
    draft: (at) => given({}, at.quietly()),
  };
  return table;
}

/** What is given and wrong is not there. */
function readGivenRow<Draft>(
  row: Setting<unknown, Draft>,
  input: unknown,
  at: Place,
): Draft | undefined {
  const before = at.complaintCount;
  const read = readRow(row, input, at);
  const isWrong = at.complaintCount > before && row.shape === undefined;
  return isWrong ? undefined : read;
}

/** A partial table with the defaults of what it does not give. `at`: where paths start. */
export function completed<Rows extends SettingRows>(
  { children: rows }: { children: Rows },
  given: Partial<Record<keyof Rows, unknown>>,
  at: Place,
): DraftsOf<Rows> {
  const value: Record<string, unknown> = {};
  const quiet = at.quietly();
  for (const [key, row] of Object.entries(rows)) value[key] = given[key] ?? row.draft(quiet);
  return value as DraftsOf<Rows>;
}

export interface ListOptions {
  doc: string;
  default?: readonly unknown[];
  min?: number;
  max?: number;
  /** The key by which entries are told apart: two with the same one are a fault. */
  unique?: string;
}

/** A list of values or tables. */
export function list<T, Draft>(of: Setting<T, Draft>, options: ListOptions): Setting<T[], Draft[]> {
  const { doc, min = 0, max = manyEntries, unique } = options;
  return {
    doc,
    expected: `${listOf(min, max)}, each ${of.expected}`,
    fallback:
      "default" in options ? { input: options.default } : min > 0 ? undefined : { input: [] },
    ...(of.children && { children: of.children }),
    ...(of.variants && { variants: of.variants }),
    shape: "list",
    schema: { type: "array", items: documentedSchema(of), minItems: min, maxItems: max },
    read: (input, at) => {
      if (!Array.isArray(input)) {
        at.complain(`${show(input)} is not a list; start each entry with "- " ${sentence(doc)}`);
        return [];
      }
      if (input.length < min) at.complain(tooFew(input.length, min, doc));
      if (input.length > max) at.complain(tooMany(input.length, max, doc));
      if (unique !== undefined) refuseTwice(input, unique, at);
      return input.slice(0, max).map((entry, i) => readRow(of, entry, at.child(i)));
    },
    draft: () => [],
  };
}

function refuseTwice(input: readonly unknown[], key: string, at: Place): void {
  const firstAt = new Map<unknown, number>();
  for (const [i, entry] of input.entries()) {
    const name = isTable(entry) ? entry[key] : undefined;
    if (name === undefined || name === null || name === "") continue;
    const first = firstAt.get(name);
    if (first === undefined) {
      firstAt.set(name, i);
      continue;
    }
    const { line } = at.source.position([...at.path, first, key]);
    at.child(i).child(key).complain(`"${name}" is used twice, first in line ${line}; rename one`);
  }
}

export interface MapOptions {
  doc: string;
  max?: number;
  key?: RegExp;
  /** What keys are, for people: "letters, digits and dashes". */
  keyForm?: string;
}

/** A table whose keys are free names; values all of one kind. */
export function map<T, Draft>(
  of: Setting<T, Draft>,
  options: MapOptions,
): Setting<Record<string, T>, Record<string, Exclude<Draft, undefined>>> {
  const { doc, max = manyEntries, key: pattern = /^[A-Za-z0-9][\w.-]*$/, keyForm } = options;
  const mustBe = keyForm === undefined ? `it must match ${pattern.source}` : `give ${keyForm}`;
  return {
    doc,
    expected: "a table of names",
    fallback: { input: {} },
    ...(of.children && { children: of.children }),
    ...(of.variants && { variants: of.variants }),
    shape: "map",
    schema: {
      type: "object",
      propertyNames: { pattern: pattern.source },
      additionalProperties: documentedSchema(of),
      maxProperties: max,
    },
    read: (input, at) => {
      if (!isTable(input)) {
        at.complain(`${show(input)} is not a table of names ${sentence(doc)}`);
        return {};
      }
      const keys = Object.keys(input);
      if (keys.length > max) at.complain(tooMany(keys.length, max, doc));
      const value: Record<string, Exclude<Draft, undefined>> = {};
      for (const key of keys.slice(0, max)) {
        const entryAt = at.child(key);
        if (!pattern.test(key)) {
          entryAt.complain(`"${key}" is no name here; ${mustBe}`, "key");
          continue;
        }
        const entry = readRow(of, input[key], entryAt);
        // What could not be read is not there.
        if (entry !== undefined) value[key] = entry as Exclude<Draft, undefined>;
      }
      return value;
    },
    draft: () => ({}),
  };
}

/**
 * The same setting, undefined when it is not given. A default it has is told to people and editors only: for
 * what takes it from elsewhere first.
 */
export const optional = <T, Draft>(
  setting: Setting<T, Draft>,
): Setting<T | undefined, Draft | undefined> => {
  const usual = setting.shape === undefined ? setting.fallback?.input : undefined;
  return {
    ...setting,
    schema: usual === undefined ? setting.schema : { ...setting.schema, default: usual },
    fallback: { input: undefined },
    read: (input, at) => (input === undefined ? undefined : readGivenRow(setting, input, at)),
    draft: () => undefined,
  };
};

/** The same setting, which must be given, be it empty. */
export const required = <T, Draft>(setting: Setting<T, Draft>): Setting<T, Draft> => ({
  ...setting,
  fallback: undefined,
});

/** A list or a table, told apart by their form. */
export function listOrTable<T, D, U, E>(
  { list, table }: { list: Setting<T[], D[]>; table: Setting<U, E> },
  { doc }: { doc: string },
): Setting<T[] | U, D[] | E> {
  return {
    doc,
    expected: `${list.expected}, or ${table.expected}`,
    fallback: { input: [] },
    variants: {
      "as a list": { doc: list.doc, children: list.children ?? {} },
      "as a table": { doc: table.doc, children: table.children ?? {} },
    },
    shape: "table",
    schema: { oneOf: [documentedSchema(list), documentedSchema(table)] },
    read: (input, at) => (isTable(input) ? table.read(input, at) : list.read(input, at)),
    draft: () => [],
  };
}

/** What a setting reads where a document only says what changes: nothing is missing, no default filled in. */
export const changes = <T, Draft>(setting: Setting<T, Draft>): Setting<T, Draft> => ({
  ...setting,
  schema: loosened(setting.schema),
  read: (input, at) => setting.read(input, at.partially()),
});

/** A schema that demands no key but those by which tables are known. */
function loosened(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).flatMap(([key, value]) => {
    if (key === "required" && Array.isArray(value)) {
      const kept = value.filter((name) => name === "id" || name === "version");
      return kept.length > 0 ? [[key, kept]] : [];
    }
    // A condition demands nothing.
    return [[key, key === "if" ? value : loosenedValue(value)]];
  });
  return Object.fromEntries(entries) as JsonSchema;
}

function loosenedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosenedValue);
  return isTable(value) ? loosened(value) : value;
}

/** The complaint about a key that is none of `names`. */
export function unknownKey(key: string, names: readonly string[]): string {
  const near = nearestName(key, names);
  return near ? `unknown; did you mean ${near}?` : `unknown; known here: ${namesOf(names)}`;
}

const noTable = (input: unknown, rows: SettingRows): string =>
  `${show(input)} stands where a table is expected; give ${firstNames(rows)}`;

/** Names told of a table of many keys. */
const namesToldMax = 8;

/** Of a table of many keys those that must be given come first, and not all are told. */
function firstNames(rows: SettingRows): string {
  const needed = neededKeys(rows);
  const names = Object.keys(rows);
  if (names.length <= namesToldMax) return namesOf(names);
  const others = names.filter((name) => !needed.includes(name));
  return namesOf([...[...needed, ...others].slice(0, namesToldMax), "…"]);
}

function listOf(min: number, max: number): string {
  if (min > 0) return `a list of ${min} to ${max} entries`;
  return max < manyEntries ? `a list of at most ${max} entries` : "a list";
}

const namesOf = (names: readonly string[]): string => names.join(", ");
const tooFew = (count: number, min: number, doc: string): string =>
  `has ${count} entries, fewer than ${min} ${sentence(doc)}`;
const tooMany = (count: number, max: number, doc: string): string =>
  `has ${count} entries, more than ${max} ${sentence(doc)}`;
