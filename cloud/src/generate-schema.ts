/** `npm run generate`: writes the JSON Schema, the page of reference and the example of cloud.yaml. */
import { writeFileSync } from "node:fs";
import {
  cloudExampleFile,
  cloudExampleText,
  cloudReferenceFile,
  cloudReferenceText,
  cloudSchemaFile,
  cloudSchemaText,
} from "./cloud-schema.ts";

writeFileSync(cloudSchemaFile, cloudSchemaText());
writeFileSync(cloudExampleFile, cloudExampleText());
writeFileSync(cloudReferenceFile, cloudReferenceText());
