/** Settings of the cloud tier: `cloud.yaml`. Every row has a default, so that no file is needed. */
import {
  flag,
  host,
  hostName,
  integer,
  isSameListener,
  path,
  port,
  text,
} from "@weir/runtime/setting-kinds.ts";
import { list, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import type { SettingsOf } from "@weir/runtime/settings.ts";
import { trustedProxies } from "@weir/runtime/web/web-settings.ts";

/** The name of a webhook: as given, or its address without what may be secret in it. */
export function webhookName({ name, url }: { name?: string | undefined; url: string }): string {
  if (name !== undefined) return name;
  const { host, pathname } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}`;
}

const patterns = (doc: string) =>
  list(
    text({
      doc: 'A stage at any site, or "site/stage"; "*" stands for any characters.',
      pattern: /^[\w*.-]+(\/[\w*.-]+)?$/,
      like: '"TANK*" or "mysite/*"',
    }),
    { doc, max: 100 },
  );

export const cloudSettings = settings(
  {
    door: object(
      {
        host: host({ default: "127.0.0.1", doc: "Address on which sites push and pull." }),
        port: port({ default: 8443, doc: "Port of the door; 0 takes a free one." }),
        names: list(hostName({ doc: "A DNS name or IP address." }), {
          doc: "Names under which sites reach the door; they go into its certificate.",
          max: 50,
        }),
      },
      { doc: "The way in for sites, HTTPS with client certificates." },
    ),
    console: object(
      {
        host: host({ default: "127.0.0.1", doc: "Address of the console." }),
        port: port({ default: 8090, doc: "Port of the console; 0 takes a free one." }),
        names: list(hostName({ doc: "A DNS name or IP address." }), {
          doc: "Names under which browsers reach the console, behind a proxy too; they go into its certificate.",
          max: 50,
        }),
        trustedProxies,
        tls: optional(
          object(
            {
              cert: path({ must: "file", doc: "Certificate and its chain, PEM." }),
              key: path({ must: "file", doc: "Its private key, PEM." }),
            },
            {
              doc: "A certificate of your own; without one the cloud's own authority issues one wherever the console can be reached from other machines.",
            },
          ),
        ),
      },
      { doc: "The web console." },
    ),
    tickets: object(
      {
        webhooks: list(
          object(
            {
              name: optional(
                text({
                  doc: "What it is called in logs and status, and what its waiting notices are kept under; its address without one.",
                  max: 80,
                }),
              ),
              url: text({
                doc: "Where tickets are posted.",
                pattern: /^https?:\/\/\S+$/,
                fits: (url) => URL.canParse(url),
                like: '"https://cmms.example/weir"',
              }),
              secretFile: optional(
                path({ must: "file", doc: "File with the secret that signs each notice." }),
              ),
            },
            { doc: "A webhook." },
          ),
          { doc: "Each ticket is posted to all of these.", max: 20 },
        ),
      },
      {
        doc: "Where tickets go.",
        rules: [
          [
            "two of them have the same name or the same address; give each a name of its own",
            ({ webhooks }) => new Set(webhooks.map(webhookName)).size === webhooks.length,
            "webhooks",
          ],
        ],
      },
    ),
    training: object(
      {
        automatic: flag({
          default: true,
          doc: "Learn every stage that has history enough, the one with most of it first.",
        }),
        include: patterns(
          "Stages that are learned by themselves; left out, every stage of every site.",
        ),
        exclude: patterns("Stages that are not."),
        epochs: integer({
          default: 40,
          min: 1,
          max: 500,
          doc: "Passes over the training windows.",
        }),
        seed: integer({
          default: 1,
          min: 0,
          max: 2 ** 31,
          doc: "Start of all chance in training.",
        }),
      },
      { doc: "Learning." },
    ),
  },
  [
    [
      "the console and the door have the same port; give each its own",
      (all) => !isSameListener(all.door, all.console),
      "console",
    ],
  ],
);

export type CloudSettings = SettingsOf<typeof cloudSettings>;
