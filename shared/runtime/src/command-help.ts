/** The texts of --help. */
import { type Command, type OptionSpec, type Program, placeholder } from "./command.ts";

/** Columns; a longer left cell puts its text on the next line. */
const leftWidthMax = 30;
const textWidthMax = 96;

export function programHelp(program: Program): string {
  const commands = Object.entries(program.commands).map(
    ([name, { about }]) => [name, about] as const,
  );
  const rows = [
    ["--help", "Shows this, or the help of a command."],
    ["--version", "Shows the version."],
  ] as const;
  return [
    `${program.name}: ${program.about}`,
    "",
    `Usage: ${program.name} COMMAND [OPTIONS]`,
    "",
    "Commands:",
    ...columns(commands),
    "",
    "Options:",
    ...columns(rows),
    "",
    `"${program.name} COMMAND --help" tells about one command.`,
  ].join("\n");
}

export function commandHelp(program: Program, name: string, command: Command): string {
  const options = Object.values(command.options)
    .filter((spec) => !(spec.type === "boolean" && spec.hidden))
    .map((spec) => [optionCell(spec), docOf(spec)] as const);
  const words = command.positionals ? ` ${wordsOf(command.positionals)}` : "";
  const lines = [
    `${program.name} ${name}: ${command.about}`,
    "",
    `Usage: ${program.name} ${name} [OPTIONS]${words}`,
  ];
  if (command.positionals)
    lines.push("", ...columns([[command.positionals.name, command.positionals.doc]]));
  lines.push("", "Options:", ...columns([...options, ["--help", "Shows this."]]));
  if (command.examples?.length)
    lines.push("", "Examples:", ...command.examples.map((e) => `  ${e}`));
  return lines.join("\n");
}

const optionCell = (spec: OptionSpec): string => `${spec.flag} ${placeholder(spec)}`.trimEnd();

function docOf(spec: OptionSpec): string {
  const notes: string[] = [];
  if (spec.type === "string" && spec.choices && spec.value) notes.push(spec.choices.join(", "));
  if (spec.type === "number" && (spec.min !== undefined || spec.max !== undefined))
    notes.push(`${spec.min ?? "…"} to ${spec.max ?? "…"}`);
  if (spec.type !== "boolean" && spec.default !== undefined && spec.default !== "")
    notes.push(`default ${spec.default}`);
  return notes.length === 0 ? spec.doc : `${spec.doc} [${notes.join("; ")}]`;
}

function columns(rows: readonly (readonly [left: string, text: string])[]): string[] {
  const lefts = rows.map(([left]) => left.length).filter((length) => length <= leftWidthMax);
  const width = Math.max(0, ...lefts);
  return rows.flatMap(([left, text]) => {
    const lines = wrap(text, textWidthMax - width);
    const indent = " ".repeat(width + 4);
    if (left.length > width) return [`  ${left}`, ...lines.map((line) => indent + line)];
    const [head = "", ...tail] = lines;
    return [`  ${left.padEnd(width)}  ${head}`, ...tail.map((line) => indent + line)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** What may be left out stands in brackets. */
const wordsOf = ({ name, min }: { name: string; min: number }): string =>
  min === 0 ? `[${name}]` : name;
