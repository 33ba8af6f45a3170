/** weir-fog validate: reads the settings and the site file and says everything that is wrong. */
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { configurationOf } from "./fog-options.ts";

export const validate = command({
  about: "Checks the settings and the site file without starting anything.",
  options: { config: commonOptions.config, json: commonOptions.json },
  async run(args, io) {
    const { file, settings, site } = configurationOf(args.config);
    if (settings.cloud) readCloudIdentity(settings.cloud.identity, site.site.id);
    createReporter({ json: args.json, out: io.out }).event(
      "valid",
      { file, site: site.site.id, stages: site.stages.length },
      `${file} is good: site ${site.site.name}, ${site.lines.length} lines, ${site.stages.length} stages`,
    );
    return 0;
  },
});
