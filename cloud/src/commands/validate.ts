/** `weir-cloud validate FILE`: all that is wrong with a settings file. */
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { cloudSchemaText } from "../cloud-schema.ts";
import { settingsOf } from "./settings-of.ts";

export const validate = command({
  about: "Checks a settings file and tells all its faults.",
  options: {
    config: commonOptions.config,
    schema: {
      flag: "--schema",
      type: "boolean",
      default: false,
      doc: "Print a JSON Schema, for editors, and end.",
    },
  },
  positionals: { name: "FILE", doc: "The settings file.", min: 0, max: 1 },
  examples: ["weir-cloud validate cloud.yaml", "weir-cloud validate --schema > cloud.schema.json"],
  async run(args, io) {
    if (args.schema) {
      io.out(cloudSchemaText().trimEnd());
      return 0;
    }
    const file = args.positionals[0] ?? args.config;
    if (file === undefined) {
      io.err("name the settings file: weir-cloud validate FILE, or --config FILE");
      return 2;
    }
    if (!settingsOf(file, io)) return 1;
    io.out(`${file} is valid`);
    return 0;
  },
});
