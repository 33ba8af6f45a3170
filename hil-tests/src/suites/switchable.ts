/** An output that the rig may switch, with what is needed to prepare it and to look at it. */
import type {
  Configuration,
  ConnectionSettings,
  OutputSettings,
} from "@weir/edge/configuration/configuration.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { DirectMaster } from "../rigs/direct-master.ts";

const lookEveryMs = 20;

export interface Switchable {
  output: OutputSettings;
  connection: ConnectionSettings;
}

/** The outputs named by the rig, in its order; coils only: a register's other value is nobody's guess. */
export function switchables(
  configuration: Configuration,
  names: readonly string[],
): { known: Switchable[]; unknown: string[] } {
  const known: Switchable[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const output = configuration.outputs.find(({ id }) => id === name);
    const connection = output && configuration.connections[output.connection];
    if (output?.place.table === "coil" && connection) known.push({ output, connection });
    else unknown.push(name);
  }
  return { known, unknown };
}

/** Switches it out of its safe state, and waits until its feedback says so. Returns what it was before. */
export async function leaveSafe({ output, connection }: Switchable): Promise<number> {
  const master = await DirectMaster.open(connection);
  try {
    const [before = output.safe] = await master.read(output);
    await master.write(output, output.safe === 0 ? 1 : 0);
    const { feedback } = output;
    if (feedback === undefined || feedback.connection !== connection.index) return before;
    const clock = systemClock();
    const endMs = clock.monotonicMs() + feedback.withinMs;
    const wanted = (output.safe === 0) !== feedback.inverted ? 1 : 0;
    while ((await master.read(feedback))[0] !== wanted && clock.monotonicMs() < endMs) {
      await clock.sleep(lookEveryMs);
    }
    return before;
  } finally {
    await master.close();
  }
}

export async function put({ output, connection }: Switchable, value: number): Promise<void> {
  const master = await DirectMaster.open(connection);
  try {
    await master.write(output, value);
  } finally {
    await master.close();
  }
}
