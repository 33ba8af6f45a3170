/** The JSON Schema of cloud.yaml, its page of reference and the example of it, out of the table that reads it. */
import { fileURLToPath } from "node:url";
import { settingsReference } from "@weir/runtime/settings-reference.ts";
import { settingsSchema } from "@weir/runtime/settings-schema.ts";
import { settingsTemplate } from "@weir/runtime/settings-template.ts";
import { cloudSettings } from "./settings.ts";

export const cloudSchemaFile = fileURLToPath(
  new URL("../schema/cloud.schema.json", import.meta.url),
);

export const cloudSchemaText = (): string =>
  settingsSchema("Weir cloud: cloud.yaml", cloudSettings);

export const cloudReferenceFile = fileURLToPath(
  new URL("../../docs/cloud/settings.md", import.meta.url),
);

export const cloudReferenceText = (): string =>
  settingsReference({
    title: "Settings of a cloud",
    about:
      "Every key of `cloud.yaml`, written by `npm run generate` from the declarations that check it. What they are for: [running a cloud](operations.md).",
    files: [{ title: "cloud.yaml", table: cloudSettings }],
  });

export const cloudExampleFile = fileURLToPath(new URL("../examples/cloud.yaml", import.meta.url));

/** Every setting with its sentence; "weir-cloud run" needs none of them. */
export const cloudExampleText = (): string =>
  settingsTemplate(cloudSettings, {
    head: [
      "yaml-language-server: $schema=../schema/cloud.schema.json",
      'A cloud that sites reach from elsewhere. "weir-cloud validate cloud.yaml" checks this file.',
    ],
    given: {
      door: { host: "0.0.0.0", port: 8_443, names: ["cloud.example"] },
      console: { host: "0.0.0.0", port: 8_090, names: ["cloud.example"] },
    },
    samples: {
      console: { tls: { cert: "console.pem", key: "console-key.pem" } },
      tickets: {
        webhooks: [
          {
            name: "maintenance",
            url: "https://cmms.example/weir",
            secretFile: "webhook-secret.txt",
          },
        ],
      },
      training: { include: ["my-plant/*"], exclude: ["PUMP*"] },
    },
  });
