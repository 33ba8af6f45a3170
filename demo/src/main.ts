/** `npm start`: the whole product on the simulated plant, each part as its own process. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type DemoOptions, help, parseOptions } from "./options.ts";
import { createScreen, type Screen } from "./screen.ts";
import { findPlant, type SimulatedPlant } from "./simulated-plant.ts";
import { calendarStart, startEverything, startupMs } from "./start-everything.ts";

const root = resolve(import.meta.dirname, "../..");
/** Marks a folder as one this program made, and may empty. */
const markFile = "weir-demo";

const parsed = parseOptions(process.argv.slice(2));
if (parsed.ok === "help") {
  process.stdout.write(help);
} else if (!parsed.ok) {
  for (const problem of parsed.problems) process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
} else {
  const { options } = parsed;
  const plant = findPlant(root, options);
  if ("problems" in plant) {
    for (const problem of plant.problems) process.stderr.write(`${problem}\n`);
    process.exitCode = 2;
  } else process.exitCode = await show(options, plant);
}

async function show(options: DemoOptions, plant: SimulatedPlant): Promise<number> {
  const begunMs = Date.now();
  const screen = createScreen({
    json: options.json,
    colour: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
    write: (text) => void process.stdout.write(text),
    zone: plant.tz,
    plantNowMs: () =>
      Date.parse(calendarStart) + (Date.now() - begunMs - startupMs(plant)) * options.speed,
  });
  const folder = prepareFolder(options);
  if (typeof folder === "string") return run(options, { plant, folder, screen, begunMs });
  screen.error(folder.problem);
  return 1;
}

/** An empty folder for this run, or why there is none. */
function prepareFolder({ dataDir, fresh }: DemoOptions): string | { problem: string } {
  const folder = resolve(dataDir ?? join(root, ".weir/demo"));
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      const ours = existsSync(join(folder, markFile));
      if (!ours)
        return {
          problem: `${folder} is not empty and not from an earlier demo; give --data-dir an empty folder`,
        };
      if (dataDir !== undefined && !fresh)
        return {
          problem: `${folder} holds an earlier demo; add --fresh to empty it, or give --data-dir another folder`,
        };
      rmSync(folder, { recursive: true });
    }
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    writeFileSync(join(folder, markFile), "Made by Weir's demo, which may empty this folder.\n");
    return folder;
  } catch (error) {
    return {
      problem: `${folder} cannot be used: ${(error as Error).message}; give --data-dir a folder you may write to`,
    };
  }
}

/** Runs until Ctrl-C or until the simulated plant ends by itself. */
async function run(
  options: DemoOptions,
  {
    plant,
    folder,
    screen,
    begunMs,
  }: { plant: SimulatedPlant; folder: string; screen: Screen; begunMs: number },
): Promise<number> {
  const stop = new AbortController();
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!stopping) screen.note("\nStopping…");
      stopping = true;
      stop.abort();
    });
  }
  try {
    const outcome = await startEverything({
      options,
      plant,
      folder,
      root,
      screen,
      begunMs,
      signal: stop.signal,
    });
    return outcome;
  } catch (error) {
    if (stopping) return 0;
    screen.error((error as Error).message);
    return 1;
  }
}
