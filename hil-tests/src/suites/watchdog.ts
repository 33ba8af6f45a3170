/** The agent is killed without a word: the module's own watchdog must bring its outputs to safe in time. */
import { join } from "node:path";
import type { WatchdogSettings } from "@weir/edge/configuration/configuration.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { DirectMaster } from "../rigs/direct-master.ts";
import { loadVariant, reduced } from "../rigs/edge-variant.ts";
import { check, info, ms, type ResultRow, type Suite, type SuiteContext } from "./suite.ts";
import { leaveSafe, type Switchable, switchables } from "./switchable.ts";

const armedWithinMs = 30_000;
/** Lived after arming, so that heartbeats, not the arming, keep the output. */
const livesMs = 2_500;
/** What reading and a coarse timer of the module may add. */
const marginMs = 2_000;
const lookEveryMs = 50;

export const watchdog: Suite = {
  id: "watchdog",
  title: "The agent is killed",
  about:
    "kill -9 of a real weir-edge process. Silence on the wire until the module's time is over, because many modules count a question as a sign of life.",
  unfit: ({ rig, configuration }) =>
    watched(configuration, rig.outputs).length === 0
      ? "no output that may be switched hangs on a connection with a watchdog"
      : undefined,
  run: async (context) => {
    const rows: ResultRow[] = [];
    for (const at of watched(context.configuration, context.rig.outputs)) {
      rows.push(...(await kill(context, at)));
    }
    return { rows, distributions: [] };
  },
};

interface Watched extends Switchable {
  watchdog: WatchdogSettings;
}

/** One output for each watchdog. */
function watched(
  configuration: SuiteContext["configuration"],
  names: readonly string[],
): Watched[] {
  const found = new Map<string, Watched>();
  for (const at of switchables(configuration, names).known) {
    const { watchdog: settings, id } = at.connection;
    if (settings && !found.has(id)) found.set(id, { ...at, watchdog: settings });
  }
  return [...found.values()];
}

async function kill({ host, folder, say }: SuiteContext, at: Watched): Promise<ResultRow[]> {
  const { output, connection, watchdog: settings } = at;
  const clock = systemClock();
  const file = join(folder, `watchdog-${connection.id}.yaml`);
  loadVariant(reduced(host.document, [connection.id]), file);
  await leaveSafe(at);
  const dataDir = join(folder, `watchdog-${connection.id}`);
  const args = ["run", "--config", file, "--data-dir", dataDir, "--json"];
  const edge = startProgram({ program: "weir-edge", args });
  const isOurs = ({ connection: id, device, up }: Record<string, unknown>) =>
    id === connection.id && device === "watchdog" && up === true;
  await edge.waitFor("device", isOurs, armedWithinMs);
  await clock.sleep(livesMs);
  await edge.kill();
  const killedMs = clock.monotonicMs();
  const sinceMs = () => clock.monotonicMs() - killedMs;
  await clock.sleep(settings.timeoutMs);
  const master = await DirectMaster.open(connection);
  try {
    let [value] = await master.read(output);
    while (value !== output.safe && sinceMs() < settings.timeoutMs + settings.everyMs + 10_000) {
      await clock.sleep(lookEveryMs);
      [value] = await master.read(output);
    }
    const safeMs = sinceMs();
    const limitMs = settings.timeoutMs + marginMs;
    say(`  ${output.id}: safe ${ms(safeMs)} after the kill`);
    return [
      check(`${output.id}: safe after the agent's death`, {
        measured: value === output.safe ? `seen ${ms(safeMs)} after` : "never",
        asked: `${ms(settings.timeoutMs)} and ${ms(marginMs)} to look`,
        ok: value === output.safe && safeMs <= limitMs,
      }),
      info(`${connection.id}: armed for`, ms(settings.timeoutMs)),
    ];
  } finally {
    await master.close();
  }
}
