/** Every command line of every page names a command that is there, with options that it has. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { program as cloud } from "@weir/cloud/program.ts";
import { program as edge } from "@weir/edge/program.ts";
import { program as sim } from "@weir/firmware-sim/program.ts";
import { program as fog } from "@weir/fog/program.ts";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const programs = new Map([cloud, edge, sim, fog].map((program) => [program.name, program]));

/** Pages for people, wherever they lie. */
function pages(): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => join(root, path));
}

/** "weir-fog run --config fog.yaml" in blocks and in backquotes; a word alone names the program. */
const linePattern = /(?:^|[`"\s(|])(weir-(?:edge|fog|cloud|sim)) ([a-z][^`"#\n]*)/g;

function* commandLines(): Generator<{ page: string; name: string; words: string[] }> {
  for (const page of pages()) {
    const text = readFileSync(page, "utf8");
    const code = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm), ...text.matchAll(/`([^`\n]+)`/g)];
    for (const [, body = ""] of code) {
      for (const [, name = "", rest = ""] of ` ${body}`.matchAll(linePattern))
        yield { page: relative(root, page), name, words: rest.trim().split(/\s+/) };
    }
  }
}

test("commands and options that pages name are those of the programs", () => {
  const unknown: string[] = [];
  let count = 0;
  for (const { page, name, words } of commandLines()) {
    const isList = words.includes("\\|");
    // A pipe ends what is the program's own.
    const end = words.indexOf("|");
    const [command = "", ...rest] = end < 0 ? words : words.slice(0, end);
    const known = programs.get(name)?.commands ?? {};
    // The table of commands lists several: "run \\| status".
    const named = isList ? words.filter((word) => word !== "\\|") : [command];
    for (const one of named) {
      count += 1;
      if (!Object.hasOwn(known, one)) unknown.push(`${page}: ${name} ${one}`);
    }
    if (isList) continue;
    const flags = Object.values(known[command]?.options ?? {}).map(({ flag }) => flag);
    for (const word of rest) {
      const flag = /^--[a-z][\w-]*/.exec(word)?.[0];
      if (flag && flag !== "--help" && !flags.includes(flag))
        unknown.push(`${page}: ${name} ${command} ${flag}`);
    }
  }
  expect(count).toBeGreaterThan(80);
  expect(unknown).toEqual([]);
});

test("the table of commands in the README names every command", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const table = readme.split("\n").filter((line) => /^\| `npx weir-/.test(line));
  for (const [name, { commands }] of programs) {
    const rows = table.filter((line) => line.startsWith(`| \`npx ${name} `)).join(" ");
    for (const command of Object.keys(commands))
      expect(new RegExp(`[ \`|]${command}[ \`]`).test(rows), `${name} ${command}`).toBe(true);
  }
});
