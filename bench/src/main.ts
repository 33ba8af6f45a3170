/**
 * `npm run bench [-- NAME…] [--smoke] [--save] [--data DIR]`: runs the benchmarks and prints each figure
 * beside its yardstick. `--save` puts their sections into bench/RESULTS.md, with date and machine; `--data`
 * (or WEIR_DATA) names the folder of the public data sets, ../shared/data beside the repository if not given.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Bench, Report } from "./bench.ts";
import { benches } from "./registry.ts";

const dataDirDefault = join(import.meta.dirname, "../../../shared/data");

const known = {
  smoke: { type: "boolean", default: false },
  save: { type: "boolean", default: false },
  data: { type: "string" },
  help: { type: "boolean", default: false },
} as const;
// Not strict: a word that is unknown is named beside what is known, without a stack.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: known,
});

const unknown = [
  ...positionals.filter((name) => !benches.some((bench) => bench.name === name)),
  ...Object.keys(values)
    .filter((name) => !Object.hasOwn(known, name))
    .map((name) => `${name.length === 1 ? "-" : "--"}${name}`),
];
if (values.help === true || unknown.length > 0) {
  if (unknown.length > 0)
    process.stderr.write(`there is no benchmark or option ${unknown.join(", ")}\n`);
  process.stdout.write(
    `npm run bench [-- NAME…] [--smoke] [--save] [--data DIR]\n\n${benches.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}\n`,
  );
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const chosen = benches.filter(
    (bench) => positionals.length === 0 || positionals.includes(bench.name),
  );
  const sections = new Map<string, string>();
  for (const bench of chosen) sections.set(bench.name, await runOne(bench, values.smoke === true));
  if (values.save) save(sections);
}

async function runOne(bench: Bench, smoke: boolean): Promise<string> {
  const lines: string[] = [];
  const say = (text: string) => {
    lines.push(text);
    process.stdout.write(`${text}\n`);
  };
  const report: Report = {
    line: (text) => say(`${text}\n`),
    table: (title, columns, rows) => {
      say(`**${title}**\n`);
      say(`| ${columns.join(" | ")} |`);
      say(`|${columns.map((_, index) => (index === 0 ? "---" : "--:")).join("|")}|`);
      for (const row of rows) say(`| ${row.join(" | ")} |`);
      say("");
    },
  };
  say(`## ${bench.name}: ${bench.about}\n`);
  const dataDir = resolve(
    typeof values.data === "string" ? values.data : (process.env["WEIR_DATA"] ?? dataDirDefault),
  );
  await bench.run({ smoke, report, dataDir });
  return lines.join("\n");
}

/** Replaces the sections that were run, keeps the others, and sorts all as the registry does. */
function save(sections: ReadonlyMap<string, string>): void {
  const file = join(import.meta.dirname, "../RESULTS.md");
  const [head = "", ...old] = existsSync(file)
    ? readFileSync(file, "utf8").split(/^(?=## )/m)
    : [`# Results\n\nWritten by \`npm run bench -- --save\`.\n\n`];
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  const byName = new Map(old.map((text) => [/^## (\S+?):/.exec(text)?.[1] ?? text, text]));
  for (const [name, text] of sections)
    byName.set(name, `${text.trimEnd()}\n\n*Measured on ${day}; ${machine}.*\n\n`);
  const order = benches.map(({ name }) => name);
  const sorted = [...byName].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  writeFileSync(file, `${head}${sorted.map(([, text]) => text).join("")}`.replace(/\n+$/, "\n"));
}
