/** `weir-edge diff`: what differs between two configurations, in plain words. */
import { command, type ProgramIo } from "@weir/runtime/command.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import {
  type ConfigurationChange,
  configurationDiff,
} from "../configuration/configuration-diff.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";

/** Exit codes, so that a review can be asked for by a script. */
export const diffCodes = { same: 0, broken: 1, differs: 3, safety: 4 } as const;

export const diff = command({
  about: `Tells what differs between two configurations. Exit codes: ${diffCodes.same} nothing, ${diffCodes.differs} something, ${diffCodes.safety} something that protects, ${diffCodes.broken} one of the two is faulty.`,
  options: {
    json: { flag: "--json", type: "boolean", default: false, doc: "One JSON object a line." },
  },
  positionals: { name: "OLD NEW", doc: "Two configurations of one edge.", min: 2, max: 2 },
  examples: ["weir-edge diff /etc/weir/edge.yaml edge-new.yaml"],
  run: async (args, io) => {
    const [old, next] = args.positionals.map((file) => loaded(file, io));
    if (!old || !next) return diffCodes.broken;
    const changes = configurationDiff(old, next);
    const isSafety = changes.some((change) => change.isSafety);
    if (args.json) {
      for (const change of changes) io.out(JSON.stringify({ event: "change", ...change }));
      io.out(JSON.stringify({ event: "diff", changes: changes.length, isSafety }));
    } else {
      for (const line of diffLines(changes)) io.out(line);
    }
    if (changes.length === 0) return diffCodes.same;
    return isSafety ? diffCodes.safety : diffCodes.differs;
  },
});

/** What protects first. */
export function diffLines(changes: readonly ConfigurationChange[]): string[] {
  if (changes.length === 0) return ["nothing that the agent acts on differs"];
  const safety = changes.filter((change) => change.isSafety);
  const other = changes.filter((change) => !change.isSafety);
  return [
    ...(safety.length > 0 ? ["changes what protects:"] : []),
    ...safety.map(({ text }) => `  ! ${text}`),
    ...(other.length > 0
      ? [safety.length > 0 ? "changes nothing that protects:" : "nothing that protects changes:"]
      : []),
    ...other.map(({ text }) => `    ${text}`),
  ];
}

function loaded(file: string, io: ProgramIo) {
  const result = loadConfiguration(file, { approval: "ignored" });
  if (result.ok) return result.configuration;
  io.err(formatProblems(result.problems));
  return undefined;
}
