/** `npm run generate`: writes the JSON Schemas of the edge's files. */
import { writeFileSync } from "node:fs";
import { edgeSchemaFile, edgeSchemaText, schemaNames } from "./json-schema.ts";

for (const name of schemaNames) writeFileSync(edgeSchemaFile(name), edgeSchemaText(name));
