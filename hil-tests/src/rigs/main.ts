/** `npm run hil`: the suites on a rig, simulated or real. */
import { existsSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { agentVersion } from "@weir/edge/agent-version.ts";
import { command, exitFault, exitUsage, runProgram } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { processIo } from "@weir/runtime/process.ts";
import { runFolder } from "../simulation/run-folder.ts";
import { suites } from "../suites/suites.ts";
import { reportPage } from "./report-page.ts";
import { readRig } from "./rig.ts";
import { runSuites } from "./run-suites.ts";

const here = fileURLToPath(new URL("../..", import.meta.url));
const minuteMs = 60_000;

const run = command({
  about: "Runs the hardware-in-the-loop suites on a rig and writes a report.",
  options: {
    rig: {
      flag: "--rig",
      type: "string",
      default: "rigs/simulated.yaml",
      value: "FILE",
      doc: "What is wired to this machine; from here or from hil-tests.",
    },
    report: {
      flag: "--report",
      type: "string",
      default: undefined,
      value: "FILE",
      doc: "One HTML file with verdicts, times and versions.",
    },
    only: {
      flag: "--only",
      type: "string",
      default: "",
      value: "SUITES",
      doc: `Separated by commas: ${suites.map(({ id }) => id).join(", ")}.`,
    },
    minutes: {
      flag: "--minutes",
      type: "number",
      default: 1,
      min: 0.05,
      max: 10_000,
      doc: "Length of the suites that read.",
    },
    repeat: {
      flag: "--repeat",
      type: "number",
      default: 20,
      integer: true,
      min: 1,
      max: 10_000,
      doc: "How often each time is measured.",
    },
    soak: {
      flag: "--soak",
      type: "number",
      default: 0,
      min: 0,
      max: 100_000,
      value: "MINUTES",
      doc: "Reads everything for so long at the end.",
    },
    attended: {
      flag: "--attended",
      type: "boolean",
      default: false,
      doc: "Somebody is at the rig and pulls plugs when asked.",
    },
  },
  examples: [
    "npm run hil -- --rig rigs/simulated.yaml --report report.html",
    "npm run hil -- --rig bench.yaml --attended --soak 60 --report bench.html",
  ],
  run: async (args, io) => {
    const file = existsSync(args.rig) ? args.rig : join(here, args.rig);
    const read = readRig(file);
    if (!read.ok) {
      io.err(formatProblems(read.problems));
      return exitFault;
    }
    const only = args.only.split(",").filter((id) => id !== "");
    const unknown = only.find((id) => suites.every((suite) => suite.id !== id));
    if (unknown !== undefined) {
      const names = suites.map(({ id }) => id);
      const near = nearestName(unknown, names);
      const hint = near ? `did you mean ${near}?` : `suites are ${names.join(", ")}`;
      io.err(`npm run hil: there is no suite "${unknown}"; ${hint}`);
      return exitUsage;
    }
    const clock = systemClock();
    const atMs = clock.nowMs();
    using folder = runFolder();
    const results = await runSuites(read.rig, {
      only,
      folder: folder.path,
      readMs: args.minutes * minuteMs,
      repeatCount: args.repeat,
      soakMs: args.soak * minuteMs,
      ask: args.attended ? askPerson : undefined,
      say: io.out,
    });
    if (args.report !== undefined) {
      const versions = {
        weir: agentVersion,
        node: process.version,
        [process.platform]: release(),
        on: process.arch,
      };
      const tookMs = clock.nowMs() - atMs;
      const { name: rig } = read.rig;
      writeFileSync(args.report, reportPage({ rig, file, atMs, tookMs, versions, results }));
      io.out(`Report: ${resolve(args.report)}`);
    }
    return results.some(({ verdict }) => verdict === "failed") ? 1 : 0;
  },
});

async function askPerson(what: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  await terminal.question(`Please ${what}, then press Enter: `);
  terminal.close();
}

const io = processIo();
const argv = process.argv.slice(2);
process.exitCode = await runProgram(
  {
    name: "npm run hil --",
    about: "Hardware in the loop.",
    version: agentVersion,
    commands: { run },
  },
  argv[0] === undefined || argv[0].startsWith("--") ? ["run", ...argv] : argv,
  io,
);
