/**
 * `npm run bench [-- NAME…] [--smoke] [--save]`: runs the benchmarks and prints each figure beside its
 * yardstick. `--save` writes bench/RESULTS.md with date and machine.
 */
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench, Report } from "./bench.ts";
import { benches } from "./registry.ts";

const known = {
  smoke: { type: "boolean", default: false },
  save: { type: "boolean", default: false },
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
    `npm run bench [-- NAME…] [--smoke] [--save]\n\n${benches.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join("\n")}\n`,
  );
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const chosen = benches.filter(
    (bench) => positionals.length === 0 || positionals.includes(bench.name),
  );
  const sections: string[] = [];
  for (const bench of chosen) sections.push(await runOne(bench, values.smoke === true));
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
  await bench.run({ smoke, report });
  return lines.join("\n");
}

function save(sections: readonly string[]): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  const head = `# Results\n\nWritten by \`npm run bench -- --save\` on ${day}; ${machine}. A shared virtual machine: absolute figures move by a quarter from run to run, so read them beside the yardstick of the same table.\n`;
  writeFileSync(join(import.meta.dirname, "../RESULTS.md"), `${[head, ...sections].join("\n")}\n`);
}
