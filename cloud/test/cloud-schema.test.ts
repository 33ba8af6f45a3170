import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSettingsFile } from "@weir/runtime/settings.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import {
  cloudExampleFile,
  cloudExampleText,
  cloudReferenceFile,
  cloudReferenceText,
  cloudSchemaFile,
  cloudSchemaText,
} from "../src/cloud-schema.ts";
import { cloudSettings } from "../src/settings.ts";

test("the published schema, page and example are what the table gives; npm run generate writes them", () => {
  expect(readFileSync(cloudSchemaFile, "utf8")).toBe(cloudSchemaText());
  expect(readFileSync(cloudExampleFile, "utf8")).toBe(cloudExampleText());
  expect(readFileSync(cloudReferenceFile, "utf8")).toBe(cloudReferenceText());
});

test("the example validates, with the settings that are comments too", () => {
  expect(readSettingsFile(cloudExampleFile, cloudSettings)).toMatchObject({ ok: true });
  const dir = tempDir();
  for (const name of ["console.pem", "console-key.pem", "webhook-secret.txt"])
    writeFileSync(join(dir, name), "x");
  const file = join(dir, "cloud.yaml");
  const whole = cloudExampleText().replaceAll(/^( *)#( *)#?(?=(\w+:| *-$))/gm, "$1$2");
  writeFileSync(file, whole);
  expect(readSettingsFile(file, cloudSettings)).toMatchObject({
    ok: true,
    value: {
      console: { tls: { cert: join(dir, "console.pem") } },
      tickets: { webhooks: [{ name: "maintenance" }] },
      training: { include: ["my-plant/*"], epochs: 40 },
    },
  });
});
