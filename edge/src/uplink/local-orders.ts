/** Orders that a person gives on this machine: to the control loop and back, within a time. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Notice, Order } from "../hand-over.ts";

export interface LocalAnswer {
  accepted: boolean;
  reason: string;
}

/** What `POST /orders` takes, checked. */
export type LocalOrder = Extract<
  Order,
  { kind: "reload" | "reset-trip" | "simulate-trip" | "record-proof-test" }
>;

/** I/O milliseconds; loading a large configuration takes a second. */
const answerWithinMs = 15_000;
const refPrefix = "local/";

interface Waiting {
  settle: (answer: LocalAnswer) => void;
  cancel: Cancel;
}

export class LocalOrders {
  readonly #order: (order: Order) => void;
  readonly #ioClock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;

  constructor(order: (order: Order) => void, ioClock: Clock) {
    this.#order = order;
    this.#ioClock = ioClock;
  }

  /** Never rejects. The `ref` of `order` is given here. */
  ask(order: LocalOrder): Promise<LocalAnswer> {
    const ref = `${refPrefix}${++this.#count}`;
    return new Promise((settle) => {
      const cancel = this.#ioClock.after(answerWithinMs, () => {
        this.#waiting.delete(ref);
        settle({ accepted: false, reason: "the agent did not answer in time; see its log" });
      });
      this.#waiting.set(ref, { settle, cancel });
      this.#order({ ...order, ref });
    });
  }

  /** True when the answer was one of these. */
  onAnswer({ ref, accepted, reason }: Extract<Notice, { kind: "answer" }>): boolean {
    if (!ref.startsWith(refPrefix)) return false;
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    waiting?.cancel();
    waiting?.settle({ accepted, reason });
    return true;
  }
}

const textMax = 500;

/** A `LocalOrder` of what came over HTTP, or what is wrong with it. */
export function localOrderOf(
  body: unknown,
): { ok: true; order: LocalOrder } | { ok: false; reason: string } {
  const refuse = (reason: string) => ({ ok: false as const, reason });
  if (typeof body !== "object" || body === null) return refuse("an order is a JSON object");
  const fields = body as Record<string, unknown>;
  const text = (key: string): string => {
    const value = fields[key];
    return typeof value === "string" ? value.slice(0, textMax) : "";
  };
  const by = text("by");
  const rule = text("rule");
  if (by === "") return refuse("an order needs the name of who gives it");
  switch (fields["kind"]) {
    case "reload":
      return { ok: true, order: { kind: "reload", ref: "", by } };
    case "simulate-trip":
      if (rule === "") return refuse("name the rule");
      return {
        ok: true,
        order: { kind: "simulate-trip", ref: "", rule, by, reason: text("reason") },
      };
    case "reset-trip":
      if (rule === "" || text("reason") === "") return refuse("name the rule and the reason");
      return {
        ok: true,
        order: { kind: "reset-trip", ref: "", rule, by, reason: text("reason") },
      };
    case "record-proof-test": {
      const passed = fields["passed"];
      if (rule === "" || typeof passed !== "boolean")
        return refuse("name the rule and its verdict");
      const note = text("note");
      return { ok: true, order: { kind: "record-proof-test", ref: "", rule, by, passed, note } };
    }
    default:
      return refuse("this order cannot be given here");
  }
}

/** How an order of this machine stands in the audit log. */
export function auditEntryOf(order: LocalOrder, { accepted, reason }: LocalAnswer) {
  const subject = order.kind === "reload" ? "configuration" : order.rule;
  const said = "reason" in order ? order.reason : "";
  const detail = [said, accepted ? reason : `refused: ${reason}`].filter(Boolean).join("; ");
  return {
    actor: order.by,
    action: `local.${order.kind}`,
    subject,
    detail: detail.slice(0, 2_000),
  };
}
