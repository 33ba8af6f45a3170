/** `npm run generate`: writes the JSON Schemas and the example of fog.yaml and site.yaml. */
import { writeFileSync } from "node:fs";
import { exampleFiles } from "./example-files.ts";
import { fogSchemaFile, fogSchemaNames, fogSchemaText } from "./fog-schemas.ts";

for (const name of fogSchemaNames) writeFileSync(fogSchemaFile(name), fogSchemaText(name));
for (const { file, text } of exampleFiles()) writeFileSync(file, text);
