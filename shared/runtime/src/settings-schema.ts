/** The JSON Schema of a settings file, out of the table that reads it: what editors complete and check by. */
import { documentedSchema } from "./setting-tables.ts";
import { isTable, type JsonSchema, type ReadOptions, type Setting } from "./settings.ts";

/**
 * `title`: what the file is called by people. Ends with a line end.
 * @param options as the file is read: whether a table or list of which everything is a comment is a fault
 */
export function settingsSchema(
  title: string,
  table: Setting<unknown, unknown>,
  { isNothingRefused = false }: Pick<ReadOptions, "isNothingRefused"> = {},
): string {
  const own = documentedSchema(table);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...(isNothingRefused ? own : withNothing(own)),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** Tables and lists that may be left out may stand there with nothing below them. */
function withNothing(schema: JsonSchema): JsonSchema {
  const { type, required, minItems = 0 } = schema;
  const isOpen =
    (type === "object" && required === undefined) || (type === "array" && minItems === 0);
  const own = Object.entries(schema).map(([key, value]) => [key, withNothingBelow(value)]);
  return { ...Object.fromEntries(own), ...(isOpen && { type: [type, "null"] }) };
}

function withNothingBelow(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNothingBelow);
  return isTable(value) ? withNothing(value) : value;
}
