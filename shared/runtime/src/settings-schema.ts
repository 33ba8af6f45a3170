/** The JSON Schema of a settings file, out of the table that reads it: what editors complete and check by. */
import { documentedSchema } from "./setting-tables.ts";
import type { Setting } from "./settings.ts";

/** `title`: what the file is called by people. Ends with a line end. */
export function settingsSchema(title: string, table: Setting<unknown>): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    ...documentedSchema(table),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
