/** `weir-edge profiles`: the devices the agent knows without being told their registers. */
import { join } from "node:path";
import { command } from "@weir/runtime/command.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { readYamlFile } from "@weir/runtime/yaml-source.ts";
import { builtinPrefix, builtinProfiles, profileFolder } from "../configuration/profile-library.ts";

interface Profile {
  name: string;
  about: string;
  source: string;
  line: string;
  tags: string[];
}

export const profiles = command({
  about: "Lists the device profiles that come with the agent, or tells all about one.",
  options: {
    json: { flag: "--json", type: "boolean", default: false, doc: "One JSON object a line." },
  },
  positionals: { name: "NAME", doc: "A profile, as hach-ldo-aq.", min: 0, max: 1 },
  examples: ["weir-edge profiles", "weir-edge profiles hach-ldo-aq"],
  run: async (args, io) => {
    const all = builtinProfiles().map(readProfile);
    const wanted = args.positionals[0]?.replace(builtinPrefix, "");
    const found = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
    if (wanted !== undefined && found.length === 0) {
      const names = all.map(({ name }) => name);
      const guess = nearestName(wanted, names);
      io.err(
        `there is no profile "${wanted}"; ${guess ? `did you mean ${guess}?` : `there are ${names.join(", ")}`}`,
      );
      return 1;
    }
    for (const profile of found) {
      if (args.json) io.out(JSON.stringify({ event: "profile", ...profile }));
      else for (const line of textOf(profile, wanted !== undefined)) io.out(line);
    }
    if (wanted === undefined && !args.json) {
      io.out("");
      io.out(`use one as "profile: ${builtinPrefix}${all[0]?.name}"; the file is ${profileFolder}`);
    }
    return 0;
  },
});

function readProfile(name: string): Profile {
  const source = readYamlFile(join(profileFolder, `${name}.yaml`));
  const root = (source.ok ? source.root : {}) as Record<string, unknown>;
  const text = (key: string) => String(root[key] ?? "").trim();
  const tags = Object.keys((root["tags"] as object | undefined) ?? {});
  return { name, about: text("about"), source: text("source"), line: text("line"), tags };
}

const nameWidth = 32;

function textOf({ name, about, source, line, tags }: Profile, isWhole: boolean): string[] {
  const head = `${name.padEnd(nameWidth)}${about}`;
  if (!isWhole) return [head];
  return [head, `  tags    ${tags.join(", ")}`, `  line    ${line}`, `  source  ${source}`];
}
