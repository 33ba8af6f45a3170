/** fog.yaml and site.yaml: every setting with its type, default, bounds and sentence. */
import type { SiteModel } from "@weir/contracts/site.ts";
import { isId } from "@weir/contracts/topics.ts";
import type { Problem } from "@weir/runtime/problem.ts";
import { duration, integer, number, path, port, text } from "@weir/runtime/setting-kinds.ts";
import {
  list,
  object,
  optional,
  readSettingsFile,
  type SettingsOf,
  settings,
} from "@weir/runtime/settings.ts";

const mebibyte = 2 ** 20;

export const fogSettings = settings({
  site: path({
    default: "site.yaml",
    must: "file",
    doc: "The site's own description: lines, stages, figures.",
  }),
  mqtt: object(
    {
      host: text({
        default: "127.0.0.1",
        doc: "Address to listen on; 0.0.0.0 lets other machines in.",
      }),
      port: port({ default: 8_883, doc: "Port for edges; 0 takes a free one." }),
      names: list(text({ doc: "A host name or address." }), {
        doc: "Further names by which edges reach this machine; they go into its certificate.",
        max: 32,
      }),
      packetKib: integer({ default: 256, min: 16, max: 65_536, doc: "Largest message, KiB." }),
      connections: integer({ default: 256, min: 1, max: 10_000, doc: "Connections at once." }),
    },
    { doc: "The broker for edges; always mutual TLS." },
  ),
  http: object(
    {
      host: text({ default: "127.0.0.1", doc: "Address of the dashboard." }),
      port: port({ default: 8_080, doc: "Port of the dashboard; 0 takes a free one." }),
    },
    { doc: "The dashboard." },
  ),
  cloud: optional(
    object(
      {
        identity: path({
          must: "folder",
          doc: 'The folder that "weir-cloud enrol-site" has written.',
        }),
        outboxMib: integer({
          default: 2_048,
          min: 16,
          max: 1_048_576,
          doc: "Disk for what waits while the cloud is away, MiB.",
        }),
      },
      { doc: "Leave it out for a site without a cloud." },
    ),
  ),
  history: object(
    {
      age: duration({
        default: "400d",
        min: "1d",
        max: "10000d",
        doc: "How long history is kept.",
      }),
      sizeMib: integer({
        default: 20_480,
        min: 64,
        max: 16_777_216,
        doc: "Disk for history, MiB; the oldest days give way.",
      }),
    },
    { doc: "What is kept here." },
  ),
  groupCommit: duration({
    default: "5ms",
    min: 0,
    max: "1s",
    doc: "How long a message may wait for others to share its commit; longer spares an SD card.",
  }),
});

export type FogSettings = SettingsOf<typeof fogSettings>;

const id = (doc: string) => text({ doc, max: 64, pattern: /^[\w.-]+$/, like: '"W13"' });

export const siteSettings = settings(
  {
    site: object(
      {
        id: text({
          doc: "The site's id.",
          pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
          like: '"riverside"',
        }),
        name: text({ doc: "The site's name." }),
        tz: text({ default: "UTC", doc: "IANA time zone." }),
      },
      { doc: "The site." },
    ),
    lines: list(
      object({ id: id("The line's id."), name: text({ doc: "Its name." }) }, { doc: "A line." }),
      { doc: "Process lines.", min: 1, max: 100 },
    ),
    stages: list(
      object(
        {
          id: id("The stage's id."),
          name: text({ doc: "Its name." }),
          line: id("The line it belongs to."),
          volumeM3: optional(number({ doc: "Volume, m³.", min: 0, max: 1e9 })),
          upstream: list(id("A stage's id."), { doc: "Stages that flow into it.", max: 50 }),
          equipment: text({ doc: "Class of its main equipment.", default: "" }),
        },
        { doc: "A stage." },
      ),
      { doc: "Stages in flow order.", min: 1, max: 2_000 },
    ),
    kpis: list(
      object(
        {
          id: id("The figure's id."),
          name: text({ doc: "Its name." }),
          unit: text({ doc: "Its unit.", default: "" }),
          tags: list(text({ doc: 'A tag: "<edge>/<device>/<name>".' }), {
            doc: "Averaged.",
            max: 100,
          }),
          low: optional(number({ doc: "Lower bound.", min: -1e12, max: 1e12 })),
          high: optional(number({ doc: "Upper bound.", min: -1e12, max: 1e12 })),
        },
        { doc: "A figure." },
      ),
      { doc: "At-a-glance figures.", max: 100 },
    ),
  },
  [
    [
      "a stage names a line that is not listed",
      ({ lines, stages }) => stages.every(({ line }) => lines.some((known) => known.id === line)),
      "stages",
    ],
    [
      "a stage names an upstream stage that is not listed",
      ({ stages }) => {
        const known = new Set(stages.map((stage) => stage.id));
        return stages.every(({ upstream }) => upstream.every((stage) => known.has(stage)));
      },
      "stages",
    ],
    ["the site's id is reserved", ({ site }) => isId(site.id), "site"],
  ],
);

export type Read<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export interface FogConfiguration {
  settings: FogSettings;
  site: SiteModel;
}

/** Reads fog.yaml and the site file it names; all problems of both at once. */
export function readConfiguration(file: string): Read<FogConfiguration> {
  const fog = readSettingsFile(file, fogSettings);
  if (!fog.ok) return fog;
  const site = readSettingsFile(fog.value.site, siteSettings);
  if (!site.ok) return site;
  return { ok: true, value: { settings: fog.value, site: siteModel(site.value) } };
}

/** Without the keys that were not given. */
const siteModel = (read: SettingsOf<typeof siteSettings>): SiteModel =>
  JSON.parse(JSON.stringify(read)) as SiteModel;

export const outboxBytes = (fog: FogSettings): number => (fog.cloud?.outboxMib ?? 0) * mebibyte;
export const historyBytes = (fog: FogSettings): number => fog.history.sizeMib * mebibyte;
