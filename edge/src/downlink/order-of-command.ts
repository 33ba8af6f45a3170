/** A command of the fog as an order to the control thread. */
import type { Command } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { Order } from "../hand-over.ts";

/** How long a bypass lasts when the command does not say, and at most, plant milliseconds. */
export const bypassForMsDefault = 8 * 3_600_000;
export const bypassForMsMax = 24 * 3_600_000;

export type Ordered =
  | { is: "order"; order: Order; action: string; subject: string }
  | { is: "rebirth" }
  | { is: "refused"; reason: string };

export function orderOfCommand(command: Command): Ordered {
  const { id: ref, issuedBy: by, reason, body } = command;
  const refuse = (text: string): Ordered => ({ is: "refused", reason: text });
  if (body.case === undefined) return refuse("the command says nothing that this agent knows");
  if (body.case === "rebirth") return { is: "rebirth" };
  if (body.value.rule === "") return refuse("the command names no rule");
  if (by === "") return refuse("the command does not say who gave it");
  const { rule } = body.value;
  switch (body.case) {
    case "resetTrip":
      return {
        is: "order",
        order: { kind: "reset-trip", ref, rule, by, reason },
        action: "trip.reset",
        subject: rule,
      };
    case "simulateTrip":
      return {
        is: "order",
        order: { kind: "simulate-trip", ref, rule, by, reason },
        action: "trip.simulate",
        subject: rule,
      };
    case "recordProofTest": {
      const { passed, note } = body.value;
      return {
        is: "order",
        order: { kind: "record-proof-test", ref, rule, by, passed, note },
        action: "proof-test.record",
        subject: rule,
      };
    }
    case "setBypass": {
      const { active, forMs } = body.value;
      if (active && reason === "") return refuse("a bypass needs a reason");
      if (active && !(forMs >= 0 && forMs <= bypassForMsMax)) {
        return refuse(`a bypass lasts at most 24 h, ${forMs} ms were asked for`);
      }
      return {
        is: "order",
        order: {
          kind: "set-bypass",
          ref,
          rule,
          active,
          forMs: forMs === 0 ? bypassForMsDefault : forMs,
          by,
          reason,
        },
        action: active ? "bypass.set" : "bypass.end",
        subject: rule,
      };
    }
  }
}
