/** fog/examples: what "weir-fog init" writes for a site that nobody has. */
import { fileURLToPath } from "node:url";
import { type InitialSite, initialFog, initialSite } from "./initial-files.ts";

const example: InitialSite = {
  id: "my-plant",
  name: "My plant",
  tz: "Europe/Vienna",
  stages: ["TANK1", "TANK2", "PUMP"],
  mqttPort: 8_883,
  httpPort: 8_080,
};

const schemas = { fog: "../schema/fog.schema.json", site: "../schema/site.schema.json" };

const place = (name: string): string =>
  fileURLToPath(new URL(`../examples/${name}`, import.meta.url));

export const exampleFiles = (): { file: string; text: string }[] => [
  { file: place("fog.yaml"), text: initialFog(example, schemas) },
  { file: place("site.yaml"), text: initialSite(example, schemas) },
];
