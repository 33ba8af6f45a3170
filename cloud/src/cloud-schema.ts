/** The JSON Schema of cloud.yaml and the example of it, out of the table that reads it. */
import { fileURLToPath } from "node:url";
import { settingsSchema } from "@weir/runtime/settings-schema.ts";
import { settingsTemplate } from "@weir/runtime/settings-template.ts";
import { cloudSettings } from "./settings.ts";

export const cloudSchemaFile = fileURLToPath(
  new URL("../schema/cloud.schema.json", import.meta.url),
);

export const cloudSchemaText = (): string =>
  settingsSchema("Weir cloud: cloud.yaml", cloudSettings);

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
