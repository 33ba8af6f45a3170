/** `npm run generate`: writes the JSON Schema and the example of cloud.yaml. */
import { writeFileSync } from "node:fs";
import {
  cloudExampleFile,
  cloudExampleText,
  cloudSchemaFile,
  cloudSchemaText,
} from "./cloud-schema.ts";

writeFileSync(cloudSchemaFile, cloudSchemaText());
writeFileSync(cloudExampleFile, cloudExampleText());
