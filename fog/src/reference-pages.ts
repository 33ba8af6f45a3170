/** Pages of reference of the fog's files, out of the tables that read them; kept in docs. */
import { fileURLToPath } from "node:url";
import { settingsReference } from "@weir/runtime/settings-reference.ts";
import { fogSettings } from "./settings.ts";
import { siteSettings } from "./site-settings.ts";

const page = (path: string): string =>
  fileURLToPath(new URL(`../../docs/${path}`, import.meta.url));

export const referencePages = (): { file: string; text: string }[] => [
  {
    file: page("fog/settings.md"),
    text: settingsReference({
      title: "Settings of a fog",
      about:
        "Every key of `fog.yaml`, written by `npm run generate` from the declarations that check it. What they are for: [running a fog](operations.md).",
      files: [{ title: "fog.yaml", table: fogSettings }],
    }),
  },
  {
    file: page("site/settings.md"),
    text: settingsReference({
      title: "Settings of a site",
      about:
        "Every key of `site.yaml`, written by `npm run generate` from the declarations that check it. What they are for: [the site's file](site.md), [plant packs](packs.md).",
      files: [{ title: "site.yaml", table: siteSettings }],
    }),
  },
];
