/** The JSON Schema of a pack's files, out of the table that reads them. */
import { settingsSchema } from "@weir/runtime/settings-schema.ts";
import { packFile } from "./pack-settings.ts";

export const packSchemaFile = new URL("../schema/pack.schema.json", import.meta.url).pathname;

export const packSchemaText = (): string => settingsSchema("Weir plant pack", packFile);
