/** The JSON Schema of the configuration, for completion and checks in editors. */
import { edgeDocument } from "./document.ts";
import type { Field } from "./field.ts";

type Schema = Record<string, unknown>;

export function edgeJsonSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Weir edge configuration",
    ...schemaOf(edgeDocument),
  };
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
