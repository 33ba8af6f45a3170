/** `npm run generate`: writes the JSON Schema of a pack's files for editors. */
import { writeFileSync } from "node:fs";
import { packSchemaFile, packSchemaText } from "./pack-schema.ts";

writeFileSync(packSchemaFile, packSchemaText());
