/** `npm run generate`: writes the JSON Schemas, the pages of reference and the examples of fog.yaml and site.yaml. */
import { writeFileSync } from "node:fs";
import { exampleFiles } from "./example-files.ts";
import { fogSchemaFile, fogSchemaNames, fogSchemaText } from "./fog-schemas.ts";
import { referencePages } from "./reference-pages.ts";

for (const name of fogSchemaNames) writeFileSync(fogSchemaFile(name), fogSchemaText(name));
for (const { file, text } of [...exampleFiles(), ...referencePages()]) writeFileSync(file, text);
