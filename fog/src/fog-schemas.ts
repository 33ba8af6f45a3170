/** JSON Schemas of the fog's files, out of the tables that read them; kept in fog/schema for editors. */
import { fileURLToPath } from "node:url";
import { settingsSchema } from "@weir/runtime/settings-schema.ts";
import { fogSettings } from "./settings.ts";
import { siteSettings } from "./site-settings.ts";

const tables = {
  fog: { title: "Weir fog gateway: fog.yaml", table: fogSettings },
  site: { title: "Weir site: site.yaml", table: siteSettings },
};

export type FogSchemaName = keyof typeof tables;
export const fogSchemaNames = Object.keys(tables) as readonly FogSchemaName[];

export const fogSchemaFile = (name: FogSchemaName): string =>
  fileURLToPath(new URL(`../schema/${name}.schema.json`, import.meta.url));

export const fogSchemaText = (name: FogSchemaName): string =>
  settingsSchema(tables[name].title, tables[name].table);
