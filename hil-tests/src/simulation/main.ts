/** `npm run sim`: the whole loop under faults, from a seed. */
import { defaultPlantId, plantById, plantIds } from "@weir/firmware-sim/plants/plants.ts";
import { command, runProgram } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import type { ProgramIo } from "@weir/runtime/command.ts";
import { isFault } from "@weir/runtime/fault.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { processIo } from "@weir/runtime/process.ts";
import { clockText } from "./clock-text.ts";
import { runFolder } from "./run-folder.ts";
import { type RunProfile, runProfiles } from "./run-options.ts";
import { simulate } from "./simulate.ts";
import type { World } from "./world.ts";

const smokeSeedCount = 20;
const smokeDays = 0.125;
const run = command({
  about: "Plant, edges, fog and cloud in one process under seeded faults; every promise checked.",
  options: {
    plant: {
      flag: "--plant",
      type: "string",
      default: defaultPlantId,
      choices: plantIds,
      doc: "Which of the simulated plants.",
    },
    seed: { flag: "--seed", type: "number", default: 1, integer: true, doc: "Seed of all chance." },
    days: { flag: "--days", type: "number", default: 7, min: 0.05, max: 400, doc: "Plant days." },
    smoke: {
      flag: "--smoke",
      type: "boolean",
      default: false,
      doc: `${smokeSeedCount} seeds from --seed on, ${smokeDays * 24} plant hours each.`,
    },
    profile: {
      flag: "--profile",
      type: "string",
      default: "long",
      choices: Object.keys(runProfiles),
      doc: "long: slow polls, rare faults; rough: faster polls, processes that die every few hours.",
    },
    verbose: { flag: "--verbose", type: "boolean", default: false, doc: "Log lines of the tiers." },
  },
  run: async (args, io) => {
    const seeds = Array.from({ length: args.smoke ? smokeSeedCount : 1 }, (_, i) => args.seed + i);
    const days = args.smoke ? smokeDays : args.days;
    const profile = (args.smoke ? "rough" : args.profile) as RunProfile;
    for (const seed of seeds) {
      if (!(await runSeed({ plant: args.plant, seed, days, profile, verbose: args.verbose }, io)))
        return 1;
    }
    return 0;
  },
});

async function runSeed(
  run: { plant: string; seed: number; days: number; profile: RunProfile; verbose: boolean },
  io: ProgramIo,
): Promise<boolean> {
  const { seed, days, profile, verbose } = run;
  const clock = systemClock();
  const startMs = clock.monotonicMs();
  using folder = runFolder();
  let world: World | undefined;
  const logger = createLogger({
    level: verbose ? "debug" : "error",
    json: false,
    nowMs: () => world?.clock.nowMs() ?? 0,
    write: io.err,
  });
  try {
    const outcome = await simulate(
      { definition: plantById(run.plant), seed, folder: folder.path, logger },
      {
        days,
        profile,
        onHour: (now) => {
          world = now;
          if (now.elapsedMs % 86_400_000 === 0 && days >= 2)
            io.out(`  ${clockText(now.elapsedMs)}`);
        },
      },
    );
    const tookS = (clock.monotonicMs() - startMs) / 1_000;
    const { readings, events, faults, edgeBoots } = outcome;
    io.out(
      `seed ${seed}: ${days} plant days, ${readings} readings, ${events} events, ${faults} faults, ${edgeBoots} edge boots: all promises kept (${tookS.toFixed(1)} s)`,
    );
    return true;
  } catch (error) {
    if (!isFault(error)) throw error;
    io.err(error.message);
    return false;
  }
}

if (import.meta.main) {
  const program = {
    name: "npm run sim --",
    about: "The whole loop in one process, from a seed.",
    commands: { run },
  };
  const words = process.argv.slice(2);
  // There is one command only: its name may be left out.
  const argv = words[0] === "run" ? words : ["run", ...words];
  process.exitCode = await runProgram(program, argv, processIo());
}
