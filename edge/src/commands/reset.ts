/** `weir-edge reset`: a latched trip, at the gateway itself; the way of an edge that has no fog. */
import { elementAt } from "@weir/contracts/elements.ts";
import { command } from "@weir/runtime/command.ts";
import { agentOptions, byOption, runningAgent, userOf } from "./running-agent.ts";

export const reset = command({
  about:
    "Resets a latched trip of the running agent; refused while its cause is there. Outputs may start again.",
  options: {
    ...agentOptions,
    by: byOption,
    reason: {
      flag: "--reason",
      type: "string",
      default: "",
      value: "TEXT",
      doc: "What was found, and why it is safe again.",
    },
  },
  positionals: { name: "RULE", doc: "Rule of the configuration, as P-HIGH.", min: 1, max: 1 },
  examples: ['weir-edge reset P-HIGH --by ana --reason "valve replaced, 2.1 bar"'],
  run: async (args, io) => {
    const rule = elementAt(args.positionals, 0);
    const { reason } = args;
    if (reason.trim() === "") {
      io.err('say with --reason what was found, as --reason "stock pump replaced"');
      return 2;
    }
    const by = userOf(args.by, io.env);
    const answer = await runningAgent(args, io.env).order({ kind: "reset-trip", rule, by, reason });
    if (args.json) io.out(JSON.stringify({ event: "reset", rule, ...answer }));
    else if (answer.accepted) io.out(answer.reason || `${rule} was reset`);
    else io.err(`refused: ${answer.reason}`);
    return answer.accepted ? 0 : 1;
  },
});
