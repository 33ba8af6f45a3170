/** `weir-edge reload`: the running agent reads its configuration again. */
import { systemClock } from "@weir/runtime/clock.ts";
import { command, type ProgramIo } from "@weir/runtime/command.ts";
import type { ConfigurationStanding } from "../hand-over.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import {
  agentOptions,
  byOption,
  type RunningAgent,
  runningAgent,
  userOf,
} from "./running-agent.ts";

const lookEveryMs = 500;

export const reload = command({
  about:
    "Lets the running agent read its configuration again; a faulty one leaves everything as it is.",
  options: {
    ...agentOptions,
    by: byOption,
    wait: {
      flag: "--wait",
      type: "boolean",
      default: false,
      doc: "Wait until the change has shown that it reads the plant, or was taken back.",
    },
  },
  examples: ["weir-edge reload --data-dir /var/lib/weir-edge --wait"],
  run: async (args, io) => {
    const agent = runningAgent(args, io.env);
    const { accepted, reason } = await agent.order({ kind: "reload", by: userOf(args.by, io.env) });
    if (args.json) io.out(JSON.stringify({ event: "reload", accepted, reason }));
    else if (accepted) io.out(`applied: ${reason}`);
    else io.err(`refused, the running configuration stays:\n${reason}`);
    if (!accepted) return 1;
    return args.wait ? waitForVerdict(agent, args.json, io) : 0;
  },
});

async function waitForVerdict(
  agent: RunningAgent,
  asJson: boolean,
  io: ProgramIo,
): Promise<number> {
  for (;;) {
    const { control } = await agent.get<UplinkSnapshot>("/status.json");
    const standing: ConfigurationStanding | undefined = control?.configuration;
    if (standing && standing.state !== "trial") {
      if (asJson) io.out(JSON.stringify({ event: "configuration", ...standing }));
      else if (standing.state === "good") io.out("it reads the plant");
      else io.err(`taken back: ${standing.reason}`);
      return standing.state === "good" ? 0 : 1;
    }
    await systemClock().sleep(lookEveryMs);
  }
}
