import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { packSchemaFile, packSchemaText } from "./pack-schema.ts";

test("the published schema is the one that the table gives; npm run generate writes it", () => {
  expect(readFileSync(packSchemaFile, "utf8")).toBe(packSchemaText());
});
