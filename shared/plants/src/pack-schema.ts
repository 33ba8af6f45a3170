/** The JSON Schema of a pack's files, out of the table that reads them. */
import { documentedSchema } from "@weir/runtime/settings.ts";
import { packFile } from "./pack-settings.ts";

export const packSchemaFile = new URL("../schema/pack.schema.json", import.meta.url).pathname;

export function packSchemaText(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Weir plant pack",
    ...documentedSchema(packFile),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
