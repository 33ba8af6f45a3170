/** Tables whose other keys depend on one of them: a connection by its protocol. */
import { choice } from "./setting-kinds.ts";
import {
  type DraftsOf,
  documentedSchema,
  readGiven,
  readRows,
  tableSchema,
  unknownKey,
  type ValuesOf,
} from "./setting-tables.ts";
import {
  isTable,
  type JsonSchema,
  type Place,
  readRow,
  type Setting,
  type SettingRows,
  type SettingTables,
  show,
} from "./settings.ts";

/** One of several tables, each with the value of `key` that chooses it. */
type VariantValues<Key extends string, T extends SettingTables> = {
  [Name in keyof T & string]: { [K in Key]: Name } & ValuesOf<T[Name]["children"]>;
}[keyof T & string];
type VariantDrafts<Key extends string, T extends SettingTables> = {
  [Name in keyof T & string]: { [K in Key]: Name } & DraftsOf<T[Name]["children"]>;
}[keyof T & string];

/**
 * A table whose other keys depend on one of them. A key of another variant is told as such.
 * @param key its sentence is `keyDoc`
 */
export function variants<const Key extends string, T extends SettingTables>(
  tables: T,
  { doc, key, keyDoc }: { doc: string; key: Key; keyDoc: string },
): Setting<VariantValues<Key, T>, VariantDrafts<Key, T> | { [K in Key]: undefined }> {
  type Draft = VariantDrafts<Key, T> | { [K in Key]: undefined };
  const selector = choice(Object.keys(tables), { doc: keyDoc });
  const unread = { [key]: undefined } as Draft;
  const all = Object.assign({}, ...Object.values(tables).map(({ children }) => children));
  return {
    doc,
    expected: `a table with ${key} and the keys of it`,
    fallback: undefined,
    children: { [key]: selector, ...all },
    variants: Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [`${key}: ${name}`, table]),
    ),
    shape: "table",
    schema: variantSchema(tables, { key, selector, all }),
    read: (input, at) => {
      if (!isTable(input)) {
        at.complain(`${show(input)} stands where a table is expected; give ${key} and its keys`);
        return unread;
      }
      const name = isNeeded(input, key, at)
        ? readRow(selector, input[key], at.child(key))
        : undefined;
      const rows: SettingRows = name === undefined ? all : (tables[name]?.children ?? all);
      refuseForeign(input, { name, key, tables, rows }, at);
      if (name === undefined) {
        readGiven(rows, input, at);
        return unread;
      }
      const value = at.isPartial ? readGiven(rows, input, at) : readRows(rows, input, at);
      return { [key]: name, ...value } as Draft;
    },
    draft: () => unread,
  };
}

const isNeeded = (input: object, key: string, at: Place): boolean =>
  !at.isPartial || Object.hasOwn(input, key);

interface Variant {
  name: string | undefined;
  key: string;
  tables: SettingTables;
  rows: SettingRows;
}

function refuseForeign(input: object, { name, key, tables, rows }: Variant, at: Place): void {
  for (const given of Object.keys(input)) {
    if (given === key || Object.hasOwn(rows, given)) continue;
    const owners = Object.keys(tables).filter((other) =>
      Object.hasOwn(tables[other]?.children ?? {}, given),
    );
    const text =
      owners.length > 0
        ? `means nothing with ${key} ${name}, only with ${owners.join(", ")}; leave it out`
        : unknownKey(given, [key, ...Object.keys(rows)]);
    at.child(given).complain(text, "key");
  }
}

function variantSchema(
  tables: SettingTables,
  { key, selector, all }: { key: string; selector: Setting<unknown, unknown>; all: SettingRows },
): JsonSchema {
  return {
    type: "object",
    properties: { [key]: documentedSchema(selector) },
    required: [key],
    propertyNames: { enum: [key, ...Object.keys(all)] },
    allOf: Object.entries(tables).map(([name, { children }]) => ({
      // Where nothing chooses, as in changes, every key of every table may stand.
      if: { properties: { [key]: { const: name } }, required: [key] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: tableSchema({ [key]: selector, ...children }),
    })),
  };
}
