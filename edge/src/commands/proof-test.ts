/** `weir-edge proof-test`: what somebody saw at the machine when a rule was tried. */
import { elementAt } from "@weir/contracts/elements.ts";
import { command } from "@weir/runtime/command.ts";
import { agentOptions, byOption, runningAgent, userOf } from "./running-agent.ts";

export const proofTest = command({
  about: "Records what somebody saw at the machine after weir-edge simulate-trip.",
  options: {
    ...agentOptions,
    by: byOption,
    passed: { flag: "--passed", type: "boolean", default: false, doc: "It did what it must." },
    failed: { flag: "--failed", type: "boolean", default: false, doc: "It did not." },
    note: { flag: "--note", type: "string", default: "", value: "TEXT", doc: "What was seen." },
  },
  positionals: { name: "RULE", doc: "Rule of the configuration, as P-HIGH.", min: 1, max: 1 },
  examples: ['weir-edge proof-test P-HIGH --passed --by ana --note "pump stopped within a second"'],
  run: async (args, io) => {
    const rule = elementAt(args.positionals, 0);
    const { passed, failed, note } = args;
    if (passed === failed) {
      io.err("say --passed or --failed");
      return 2;
    }
    const by = userOf(args.by, io.env);
    const agent = runningAgent(args, io.env);
    const answer = await agent.order({ kind: "record-proof-test", rule, by, passed, note });
    if (args.json) io.out(JSON.stringify({ event: "proof-test", rule, ...answer }));
    else if (answer.accepted) io.out(answer.reason || "recorded");
    else io.err(`refused: ${answer.reason}`);
    return answer.accepted ? 0 : 1;
  },
});
