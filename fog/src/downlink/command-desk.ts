/** Commands of people at this site: sent at once, answered or timed out, never queued. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import { type Ack, CommandSchema } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { AuditLog } from "@weir/runtime/audit-log.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { EdgeDoor } from "../broker/edge-door.ts";
import { FogFault } from "../faults.ts";

/** How long an edge may take to answer, I/O clock. */
const answerWithinMs = 10_000;

/** After this long the edge refuses the command, plant time: a person's order is about now. */
const expiresAfterMs = 15 * 60_000;

export type CommandBody = Exclude<
  NonNullable<MessageInitShape<typeof CommandSchema>["body"]>,
  { case: undefined }
>;

export interface CommandOrder {
  body: CommandBody;
  /** Who: a user's name, or "fog". */
  by: string;
  reason: string;
  timeoutMs?: number;
}

interface Waiter {
  resolve: (ack: Ack) => void;
  cancel: Cancel;
}

export class CommandDesk {
  readonly #options: { clock: Clock; ioClock: Clock; random: Random; audit: AuditLog };
  readonly #waiters = new Map<string, Waiter>();
  #door: EdgeDoor | undefined;

  constructor(options: { clock: Clock; ioClock: Clock; random: Random; audit: AuditLog }) {
    this.#options = options;
  }

  attach(door: EdgeDoor): void {
    this.#door = door;
  }

  /**
   * Sends a command and waits for the edge's answer; `accepted: false` is an answer too.
   * @throws Fault FOG_EDGE_OFFLINE, FOG_EDGE_SILENT
   */
  async send(edge: string, order: CommandOrder): Promise<Ack> {
    const { clock, ioClock, random, audit } = this.#options;
    const { timeoutMs = answerWithinMs } = order;
    const number = () =>
      random
        .integer(2 ** 32)
        .toString(16)
        .padStart(8, "0");
    const id = `fog-${number()}${number()}`;
    const nowMs = clock.nowMs();
    const command = create(CommandSchema, {
      id,
      issuedAtMs: nowMs,
      expiresAtMs: nowMs + expiresAfterMs,
      issuedBy: order.by,
      reason: order.reason,
      body: order.body,
    });
    const detail = `${id} ${JSON.stringify(order.body.value)} ${order.reason}`;
    audit.append({ actor: order.by, action: order.body.case, subject: edge, detail });
    const answer = new Promise<Ack>((resolve, reject) => {
      const cancel = ioClock.after(timeoutMs, () => {
        this.#waiters.delete(id);
        reject(new FogFault("FOG_EDGE_SILENT", { edge, timeoutMs }));
      });
      this.#waiters.set(id, { resolve, cancel });
    });
    const sent = await this.#door?.publish(edge, "command", seal("command", command));
    if (!sent) {
      this.#waiters.get(id)?.cancel();
      this.#waiters.delete(id);
      throw new FogFault("FOG_EDGE_OFFLINE", { edge });
    }
    const ack = await answer;
    audit.append({
      actor: edge,
      action: ack.accepted ? "accepted" : "refused",
      subject: id,
      detail: ack.reason,
    });
    return ack;
  }

  answered(ack: Ack): void {
    const waiter = this.#waiters.get(ack.ref);
    if (!waiter) return;
    this.#waiters.delete(ack.ref);
    waiter.cancel();
    waiter.resolve(ack);
  }

  close(): void {
    for (const { cancel } of this.#waiters.values()) cancel();
    this.#waiters.clear();
  }
}
