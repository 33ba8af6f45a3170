/** The JSON Schema of the configuration, for completion and checks in editors. */
import { edgeDocument, overlayDocument } from "./document.ts";
import { profileDocument } from "./document-device.ts";
import { safetyDocument } from "./document-safety.ts";
import type { Field } from "./field.ts";

type Schema = Record<string, unknown>;

/** What there are schemas of: a site's file, a device profile, changes that come from above. */
export const schemaNames = ["edge", "profile", "changes", "safety"] as const;
export type SchemaName = (typeof schemaNames)[number];

const documents: Record<SchemaName, [title: string, document: Field]> = {
  edge: ["Weir edge configuration", edgeDocument],
  profile: ["Weir device profile", profileDocument],
  changes: ["Changes to a Weir edge configuration from above", overlayDocument],
  safety: ["Weir safety document", safetyDocument],
};

export function edgeJsonSchema(of: SchemaName = "edge"): Schema {
  const [title, document] = documents[of];
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, ...schemaOf(document) };
}

function schemaOf(field: Field): Schema {
  const description = field.doc;
  switch (field.is) {
    case "table":
      return {
        description,
        type: "object",
        properties: Object.fromEntries(
          Object.entries(field.fields).map(([key, child]) => [key, schemaOf(child)]),
        ),
        additionalProperties: false,
        ...(field.needs?.length ? { required: field.needs } : {}),
      };
    case "map":
      return {
        description,
        type: "object",
        propertyNames: { pattern: field.key.source },
        additionalProperties: schemaOf(field.value),
      };
    case "list":
      return { description, type: "array", items: schemaOf(field.item) };
    case "listOrTable":
      return { description, oneOf: [schemaOf(field.list), schemaOf(field.table)] };
    case "text":
      return field.values
        ? { description, enum: field.values }
        : {
            description,
            type: ["string", "number"],
            ...(field.pattern ? { pattern: field.pattern.source } : {}),
          };
    case "number":
      return {
        description,
        type: field.isInteger ? "integer" : "number",
        ...(field.min === undefined ? {} : { minimum: field.min }),
        ...(field.max === undefined ? {} : { maximum: field.max }),
      };
    case "duration":
      return {
        description,
        oneOf: [
          { type: "string", pattern: "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$" },
          { const: 0 },
          { const: "0" },
        ],
      };
    case "flag":
      return { description, type: "boolean" };
    case "level":
      return { description, type: ["number", "boolean", "string"] };
  }
}
