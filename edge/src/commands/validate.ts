/** `weir-edge validate`: everything wrong with a configuration at once, or what the agent makes of it. */
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import { formatProblems, type Problem } from "@weir/runtime/problem.ts";
import { readYamlFile } from "@weir/runtime/yaml-source.ts";
import { connectionLoad } from "../acquisition/connection-load.ts";
import { portText } from "../configuration/configuration.ts";
import { configurationDiff } from "../configuration/configuration-diff.ts";
import { edgeSchemaText, type SchemaName, schemaNames } from "../configuration/json-schema.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { loadEffective } from "../reload/effective-configuration.ts";
import { diffLines } from "./diff.ts";
import { planLines } from "./plan-lines.ts";

export const validate = command({
  about:
    "Checks a configuration; prints all its faults, or the polls, tags and rules it stands for.",
  options: {
    config: {
      flag: "--config",
      type: "string",
      default: undefined,
      doc: "Configuration of the edge; FILE alone says the same.",
      value: "FILE",
    },
    schema: {
      flag: "--schema",
      type: "boolean",
      default: false,
      doc: "Print a JSON Schema, for editors, and end.",
    },
    of: {
      flag: "--of",
      type: "string",
      default: "edge",
      choices: schemaNames,
      doc: "With --schema: of which document.",
    },
    changes: {
      flag: "--changes",
      type: "string",
      default: undefined,
      value: "FILE",
      doc: "Changes as the fog may send them: would an agent with this configuration take them, and what would differ.",
    },
    json: { flag: "--json", type: "boolean", default: false, doc: "One JSON object a line." },
  },
  positionals: { name: "FILE", doc: "The same as --config.", min: 0, max: 1 },
  examples: ["weir-edge validate edge.yaml", "weir-edge validate --schema > edge.schema.json"],
  run: async (args, io) => {
    if (args.schema) {
      io.out(edgeSchemaText(args.of as SchemaName).trimEnd());
      return 0;
    }
    const file = args.positionals[0] ?? args.config;
    if (file === undefined) {
      io.err("name the configuration: weir-edge validate FILE");
      return 2;
    }
    if (args.changes !== undefined) return validateChanges(file, args.changes, io);
    return validateFile(file, args.json, io);
  },
});

/** Exit code: 0 when an agent with `file` would take the changes, 1 when it would not. */
function validateChanges(file: string, changes: string, io: ProgramIo): number {
  const own = loadEffective(file);
  const read = readYamlFile(changes);
  const laid = read.ok ? loadEffective(file, { overlay: read.text }) : own;
  if (!own.ok || !read.ok || !laid.ok) {
    const problems = [own, read, laid].flatMap((one) => (one.ok ? [] : one.problems));
    io.err(formatProblems(problems));
    return 1;
  }
  if (laid.overlayRefusal !== undefined) {
    io.err(laid.overlayRefusal);
    return 1;
  }
  for (const line of diffLines(configurationDiff(own.configuration, laid.configuration))) {
    io.out(line);
  }
  return 0;
}

/** Exit code: 0 when the agent would start with `file`, 1 when it would not. */
export function validateFile(
  file: string,
  asJson: boolean,
  io: Pick<ProgramIo, "out" | "err">,
): number {
  const result = loadConfiguration(file);
  if (!result.ok) {
    if (asJson)
      for (const problem of result.problems)
        io.out(JSON.stringify({ event: "problem", ...problem }));
    else io.err(formatProblems(result.problems) + hintFor(result.problems));
    return 1;
  }
  const { configuration, warnings } = result;
  if (asJson) {
    for (const warning of warnings) io.out(JSON.stringify({ event: "warning", ...warning }));
    const { tags, rules, outputs, connections, sha256 } = configuration;
    for (const connection of connections) {
      const { id, type, port } = connection;
      const load = connectionLoad(configuration, connection);
      io.out(JSON.stringify({ event: "bus", connection: id, type, port: portText(port), ...load }));
    }
    io.out(
      JSON.stringify({
        event: "valid",
        file,
        tags: tags.length,
        outputs: outputs.length,
        rules: rules.length,
        sha256,
      }),
    );
    return 0;
  }
  for (const line of planLines(configuration, formatDuration)) io.out(line);
  if (warnings.length > 0) {
    io.out("");
    io.out(formatProblems(warnings, "warning"));
  }
  return 0;
}

/** A safety document or a profile by itself lacks everything that a configuration has. */
function hintFor(problems: readonly Problem[]): string {
  const lacks = (key: string) =>
    problems.some(({ path, text }) => path === key && text.startsWith("is missing"));
  return lacks("connections") && lacks("devices")
    ? "\nA safety document or a profile is checked with the configuration that names it."
    : "";
}
