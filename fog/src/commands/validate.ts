/** weir-fog validate: reads the settings and the site file and says everything that is wrong. */
import type { SiteModel } from "@weir/contracts/site.ts";
import { catalogueOf } from "@weir/plants/catalogue.ts";
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { type FogSchemaName, fogSchemaNames, fogSchemaText } from "../fog-schemas.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { configurationOf } from "./fog-options.ts";

export const validate = command({
  about: "Checks the settings and the site file without starting anything.",
  options: {
    config: commonOptions.config,
    schema: {
      flag: "--schema",
      type: "boolean",
      default: false,
      doc: "Print a JSON Schema, for editors, and end.",
    },
    of: {
      flag: "--of",
      type: "string",
      default: "fog",
      choices: fogSchemaNames,
      doc: "With --schema: of which file.",
    },
    json: commonOptions.json,
  },
  examples: ["weir-fog validate --config fog.yaml", "weir-fog validate --schema --of site"],
  async run(args, io) {
    if (args.schema) {
      io.out(fogSchemaText(args.of as FogSchemaName).trimEnd());
      return 0;
    }
    const { file, settings, site } = configurationOf(args.config);
    if (settings.cloud) readCloudIdentity(settings.cloud.identity, site.site.id);
    const reporter = createReporter({ json: args.json, out: io.out });
    reporter.event(
      "valid",
      { file, site: site.site.id, stages: site.stages.length },
      `${file} is good: site ${site.site.name}, ${site.lines.length} lines, ${site.stages.length} stages`,
    );
    reporter.event("packs", packFacts(site), packText(site));
    return 0;
  },
});

/** What the site's packs know of it, and which stages' equipment they do not. */
function packFacts(site: SiteModel) {
  const catalogue = catalogueOf(site);
  const unknown = site.stages.filter(
    ({ equipment }) => equipment !== "" && !catalogue.equipmentClass(equipment),
  );
  return {
    packs: site.packs ?? [],
    kinds: Object.keys(catalogue.pack.kinds).length,
    classes: Object.keys(catalogue.pack.equipment).length,
    unknownEquipment: unknown.map(({ id, equipment }) => ({ stage: id, equipment })),
  };
}

function packText(site: SiteModel): string {
  const { packs, kinds, classes, unknownEquipment } = packFacts(site);
  const named = packs.length === 0 ? "no plant packs" : `plant packs ${packs.join(", ")}`;
  const known = `${named}: ${kinds} kinds of measurement, ${classes} classes of equipment`;
  if (unknownEquipment.length === 0) return known;
  const listed = unknownEquipment.map(({ stage, equipment }) => `${stage} (${equipment})`);
  return `${known}; in none of them, and so told in plain words: ${listed.join(", ")}`;
}
