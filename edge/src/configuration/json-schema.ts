/** The JSON Schemas of the edge's files, out of the declarations that read them; kept in edge/schema for editors. */
import { fileURLToPath } from "node:url";
import type { Setting } from "@weir/runtime/settings.ts";
import { settingsSchema } from "@weir/runtime/settings-schema.ts";
import { edgeDocument, overlayDocument } from "./document.ts";
import { profileDocument } from "./document-device.ts";
import { safetyDocument } from "./document-safety.ts";
import { reading } from "./resolving.ts";

/** What there are schemas of: a site's file, a device profile, changes that come from above. */
export const schemaNames = ["edge", "profile", "changes", "safety"] as const;
export type SchemaName = (typeof schemaNames)[number];

const documents: Record<SchemaName, [title: string, document: Setting<unknown, unknown>]> = {
  edge: ["Weir edge configuration", edgeDocument],
  profile: ["Weir device profile", profileDocument],
  changes: ["Changes to a Weir edge configuration from above", overlayDocument],
  safety: ["Weir safety document", safetyDocument],
};

export const edgeSchemaFile = (name: SchemaName): string =>
  fileURLToPath(new URL(`../../schema/${name}.schema.json`, import.meta.url));

/** Ends with a line end. */
export const edgeSchemaText = (name: SchemaName): string =>
  settingsSchema(...documents[name], reading);
