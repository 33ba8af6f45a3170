/** fog.yaml: every setting with its type, default, bounds and sentence. */
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Problem } from "@weir/runtime/problem.ts";
import {
  duration,
  host,
  hostName,
  integer,
  isSameListener,
  path,
  port,
} from "@weir/runtime/setting-kinds.ts";
import { list, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import { readSettingsFile, type SettingsOf } from "@weir/runtime/settings.ts";
import { trustedProxies } from "@weir/runtime/web/web-settings.ts";
import { readSite } from "./site-settings.ts";

const mebibyte = 2 ** 20;

export const fogSettings = settings(
  {
    site: path({
      default: "site.yaml",
      must: "file",
      doc: "The site's own description: lines, stages, figures.",
    }),
    mqtt: object(
      {
        host: host({
          default: "127.0.0.1",
          doc: "Address to listen on; 0.0.0.0 lets other machines in.",
        }),
        port: port({ default: 8_883, doc: "Port for edges; 0 takes a free one." }),
        names: list(hostName({ doc: "A host name or address." }), {
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
        host: host({ default: "127.0.0.1", doc: "Address of the dashboard." }),
        port: port({ default: 8_080, doc: "Port of the dashboard; 0 takes a free one." }),
        trustedProxies,
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
  },
  [
    [
      "the dashboard and the broker have the same port; give each its own",
      ({ mqtt, http }) => !isSameListener(mqtt, http),
      "http",
    ],
  ],
);

export type FogSettings = SettingsOf<typeof fogSettings>;

export type Read<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

export interface FogConfiguration {
  settings: FogSettings;
  site: SiteModel;
}

/** Reads fog.yaml and the site file it names; all problems of both at once. */
export function readConfiguration(file: string): Read<FogConfiguration> {
  const fog = readSettingsFile(file, fogSettings);
  if (!fog.ok) return fog;
  const site = readSite(fog.value.site);
  if (!site.ok) return site;
  return { ok: true, value: { settings: fog.value, site: site.value } };
}

export const outboxBytes = (fog: FogSettings): number => (fog.cloud?.outboxMib ?? 0) * mebibyte;
export const historyBytes = (fog: FogSettings): number => fog.history.sizeMib * mebibyte;
