/** fog.yaml and site.yaml to begin with: few lines that say something, every other setting as a comment. */
import { settingsTemplate } from "@weir/runtime/settings-template.ts";
import { fogSettings } from "./settings.ts";
import { siteSettings } from "./site-settings.ts";

export interface InitialSite {
  id: string;
  name: string;
  /** IANA time zone. */
  tz: string;
  /** Ids of its stages, in flow order. */
  stages: readonly string[];
  /** The folder that "weir-cloud enrol-site" has written, as it stands in the file. */
  cloud?: string | undefined;
  mqttPort: number;
  httpPort: number;
}

/** Where editors find the schema of either file: a path from its folder, or an absolute one. */
export interface SchemaPlaces {
  fog: string;
  site: string;
}

const lineId = "A";

const schemaLine = (place: string): string => `yaml-language-server: $schema=${place}`;

export function initialFog(site: InitialSite, schemas: SchemaPlaces): string {
  return settingsTemplate(fogSettings, {
    head: [
      schemaLine(schemas.fog),
      `The fog gateway of ${site.name}. "weir-fog validate" checks this file and site.yaml.`,
    ],
    given: {
      site: "site.yaml",
      mqtt: { port: site.mqttPort },
      http: { port: site.httpPort },
      ...(site.cloud !== undefined && { cloud: { identity: site.cloud } }),
    },
    samples: {
      mqtt: { names: ["fog.example"] },
      http: { trustedProxies: ["10.0.0.0/8"] },
      cloud: { identity: `${site.id}-identity` },
    },
  });
}

export function initialSite(site: InitialSite, schemas: SchemaPlaces): string {
  return settingsTemplate(siteSettings, {
    head: [
      schemaLine(schemas.site),
      "What stands at the site. Each edge's devices are in that edge's own file.",
    ],
    given: {
      site: { id: site.id, name: site.name, tz: site.tz },
      lines: [{ id: lineId, name: `Line ${lineId}` }],
      stages: site.stages.map((id) => ({ id, name: id, line: lineId })),
    },
    samples: {
      stages: [{ volumeM3: 12, upstream: ["TANK0"], equipment: "tank" }],
      kpis: [
        {
          id: "level",
          name: "Level",
          unit: "m",
          tags: [`edge-1/${site.stages[0] ?? "TANK1"}/LT01`],
          low: 1,
          high: 2.5,
        },
      ],
    },
  });
}
