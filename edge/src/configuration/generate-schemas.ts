/** `npm run generate`: writes the JSON Schemas of the edge's files and their page of reference. */
import { writeFileSync } from "node:fs";
import { edgeSchemaFile, edgeSchemaText, schemaNames } from "./json-schema.ts";
import { edgeReferenceFile, edgeReferenceText } from "./reference-page.ts";

for (const name of schemaNames) writeFileSync(edgeSchemaFile(name), edgeSchemaText(name));
writeFileSync(edgeReferenceFile, edgeReferenceText());
