/** `weir-cloud validate FILE`: all that is wrong with a settings file. */
import { command } from "@weir/runtime/command.ts";
import { settingsOf } from "./settings-of.ts";

export const validate = command({
  about: "Checks a settings file and tells all its faults.",
  options: {},
  positionals: { name: "FILE", doc: "The settings file.", min: 1, max: 1 },
  async run(args, io) {
    const file = args.positionals[0] as string;
    if (!settingsOf(file, io)) return 1;
    io.out(`${file} is valid`);
    return 0;
  },
});
