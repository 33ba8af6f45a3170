/**
 * Command lines: one table gives a command its options, defaults, bounds and help. A usage error ends
 * in one sentence and exit code 2, a fault in one sentence and exit code 1.
 */

import { elementAt } from "@weir/contracts/elements.ts";
import {
  type Args,
  type Command,
  type OptionSpec,
  type OptionSpecs,
  type Positionals,
  type Program,
  type ProgramIo,
  placeholder,
} from "./command.ts";
import { commandHelp, programHelp } from "./command-help.ts";
import { isFault } from "./fault.ts";
import { nearestName } from "./nearest-name.ts";

export type { Args, Command, OptionSpecs, Program, ProgramIo } from "./command.ts";
export { command } from "./command.ts";

export const exitUsage = 2;
export const exitFault = 1;

/** `argv`: the words after the program's name. Never throws. */
export async function runProgram(
  program: Program,
  argv: readonly string[],
  io: ProgramIo,
): Promise<number> {
  const [first, ...rest] = argv;
  if (first === "--version" || first === "-V") {
    io.out(`${program.name} ${program.version ?? "0.1.0"}`);
    return 0;
  }
  if (first === "--help" || first === "-h" || (first === "help" && rest.length === 0)) {
    io.out(programHelp(program));
    return 0;
  }
  if (first === undefined) {
    io.err(programHelp(program));
    return exitUsage;
  }
  const name = first === "help" ? elementAt(rest, 0) : first;
  const chosen = Object.hasOwn(program.commands, name) ? program.commands[name] : undefined;
  if (!chosen) return refuse(program, unknownCommand(program, name), io);
  if (first === "help" || wantsHelp(rest)) {
    io.out(commandHelp(program, name, chosen));
    return 0;
  }
  const parsed = parseArgs(chosen, rest);
  if (!parsed.ok) return refuse(program, parsed.problems, io, name);
  if (chosen.isService) io.outlive?.();
  const hasLogLevel = Object.values(chosen.options).some(({ flag }) => flag === "--log-level");
  return runGuarded(program, () => chosen.run(parsed.args, io), { io, argv, hasLogLevel });
}

const wantsHelp = (words: readonly string[]): boolean => {
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  return own.includes("--help") || own.includes("-h");
};

function unknownCommand(program: Program, name: string): string[] {
  const names = Object.keys(program.commands);
  const what = name.startsWith("-")
    ? `${name} stands before the command`
    : `there is no command ${name}`;
  const near = name.startsWith("-") ? undefined : nearestName(name, names);
  return [
    near ? `${what}; did you mean ${near}?` : `${what}; the commands are ${names.join(", ")}`,
  ];
}

function refuse(
  program: Program,
  problems: readonly string[],
  io: ProgramIo,
  name?: string,
): number {
  for (const problem of problems) io.err(`${program.name}: ${problem}`);
  const topic = name === undefined ? "" : ` ${name}`;
  io.err(`See "${program.name}${topic} --help".`);
  return exitUsage;
}

async function runGuarded(
  program: Program,
  run: () => Promise<number>,
  { io, argv, hasLogLevel }: { io: ProgramIo; argv: readonly string[]; hasLogLevel: boolean },
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    // A command without the option cannot be asked again: a bug tells where it is at once.
    const isDebug =
      (!hasLogLevel && !isFault(error)) ||
      argv.join(" ").includes("--log-level debug") ||
      argv.includes("--log-level=debug");
    const message = error instanceof Error ? error.message : String(error);
    io.err(`${program.name}: ${isFault(error) ? message : `internal error: ${message}`}`);
    if (isDebug && error instanceof Error) io.err(error.stack ?? "");
    else if (!isFault(error)) io.err('Run it again with "--log-level debug" to see where.');
    return exitFault;
  }
}

type Parsed = { ok: true; args: Args<OptionSpecs> } | { ok: false; problems: string[] };

/** "--flag value", "--flag=value", "--flag" for booleans, "--no-flag" to switch one off, "--" ends options. */
export function parseArgs(
  of: Pick<Command, "options" | "positionals">,
  words: readonly string[],
): Parsed {
  const problems: string[] = [];
  const positionals: string[] = [];
  const values: Record<string, unknown> = {};
  const byFlag = new Map(
    Object.entries(of.options).map(([key, spec]) => [spec.flag, { key, spec }]),
  );
  const formerly = formerNames(of.options);
  for (const [key, spec] of Object.entries(of.options)) values[key] = spec.default;
  for (let i = 0; i < words.length; i++) {
    const word = elementAt(words, i);
    if (word === "--") {
      positionals.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const [flag, inline] = splitWord(word);
    const option = byFlag.get(flag);
    const renamed = formerly.get(flag);
    const negated = byFlag.get(flag.replace(/^--no-/, "--"));
    if (option?.spec.type === "boolean") {
      if (inline !== undefined && inline !== "true" && inline !== "false")
        problems.push(`${flag} takes no value; write ${flag} alone`);
      values[option.key] = inline !== "false";
    } else if (option) {
      const text = inline ?? words[++i];
      if (text === undefined)
        problems.push(`${flag} needs a value: ${flag} ${placeholder(option.spec)}`);
      else values[option.key] = readValue(option.spec, text, problems);
    } else if (renamed) {
      const text = inline ?? words[++i] ?? placeholder(renamed);
      problems.push(`${flag} is called ${renamed.flag} by now; write ${renamed.flag} ${text}`);
    } else if (negated?.spec.type === "boolean" && inline === undefined) {
      values[negated.key] = false;
    } else {
      problems.push(unknownOption(flag, [...byFlag.keys(), "--help"]));
    }
  }
  problems.push(...countProblems(of.positionals, positionals));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, args: { ...values, positionals } as Args<OptionSpecs> };
}

/** Options by the names that they had once. */
const formerNames = (options: OptionSpecs): ReadonlyMap<string, OptionSpec> =>
  new Map(
    Object.values(options).flatMap((spec) =>
      spec.type !== "boolean" && spec.formerly ? [[spec.formerly, spec] as const] : [],
    ),
  );

function splitWord(word: string): [flag: string, inline: string | undefined] {
  const equals = word.indexOf("=");
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function unknownOption(flag: string, flags: readonly string[]): string {
  const near = nearestName(flag, flags);
  return near ? `there is no option ${flag}; did you mean ${near}?` : `there is no option ${flag}`;
}

function readValue(spec: OptionSpec, text: string, problems: string[]): unknown {
  if (spec.type === "string") {
    if (spec.choices && !spec.choices.includes(text)) {
      const near = nearestName(text, spec.choices);
      const hint = near ? `did you mean ${near}?` : `give one of ${spec.choices.join(", ")}`;
      problems.push(`${spec.flag} "${text}" is unknown; ${hint}`);
    }
    return text;
  }
  if (spec.type === "boolean") return text;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = spec;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) problems.push(`${spec.flag} "${text}" is not a number`);
  else if (spec.integer && !Number.isInteger(value))
    problems.push(`${spec.flag} ${text} is not a whole number`);
  else if (value < min) problems.push(`${spec.flag} ${text} is below ${min}, the least it may be`);
  else if (value > max) problems.push(`${spec.flag} ${text} is above ${max}, the most it may be`);
  return value;
}

function countProblems(positionals: Positionals | undefined, given: readonly string[]): string[] {
  const max = positionals?.max ?? 0;
  if (given.length > max) return [`"${given[max]}" is one word too many`];
  if (positionals && given.length < positionals.min)
    return [`${positionals.name} is missing: ${positionals.doc}`];
  return [];
}
