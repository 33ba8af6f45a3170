/** A Modbus client for a conversation: one question after the other, each with its answer. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { BusMaster, BusMasterOptions } from "../acquisition/bus-master.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import type { ModbusReply } from "../acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../acquisition/modbus/request.ts";

export interface ScanPorts {
  open: OpenChannel;
  ioClock: Clock;
  random: Random;
}

export interface MasterSession {
  /** The answer's bytes are the caller's own. One question at a time. */
  ask(request: ModbusRequest): Promise<ModbusReply>;
  close(): void;
}

/** A line that had to become quiet, or a connection that had to come back, may take this many time-outs. */
const readyWithinTimeouts = 5;

export function openSession(
  create: (bus: BusMasterOptions) => BusMaster,
  {
    timeoutMs,
    openWithinMs = 0,
    ...ports
  }: ScanPorts & {
    timeoutMs: number;
    /** How long a line that does not open is tried again: a port that was just closed is locked for a moment. */
    openWithinMs?: number;
  },
): Promise<{ ok: true; session: MasterSession } | { ok: false; text: string }> {
  const openUntilMs = ports.ioClock.monotonicMs() + openWithinMs;
  return new Promise((resolve) => {
    let isOpen = false;
    let waiting: (() => void) | undefined;
    const wake = () => {
      if (!master.isUp || master.isBusy) return;
      const task = waiting;
      waiting = undefined;
      task?.();
    };
    const session: MasterSession = {
      ask: (request) =>
        new Promise((settle) => {
          const cancel = ports.ioClock.after(readyWithinTimeouts * timeoutMs, () => {
            waiting = undefined;
            settle({
              ok: false,
              fault: { kind: "closed", text: "the connection did not come back" },
            });
          });
          waiting = () => {
            cancel();
            master.send(request, (reply) => settle(ownReply(reply)));
          };
          wake();
        }),
      close: () => master.stop(),
    };
    const master = create({
      ...ports,
      timeoutMs,
      onUp: () => {
        if (!isOpen) resolve({ ok: true, session });
        isOpen = true;
        wake();
      },
      onReady: wake,
      onDown: (text) => {
        if (isOpen || ports.ioClock.monotonicMs() < openUntilMs) return;
        master.stop();
        resolve({ ok: false, text });
      },
    });
    master.start();
  });
}

const ownReply = (reply: ModbusReply): ModbusReply =>
  reply.ok ? { ...reply, bytes: Uint8Array.from(reply.bytes) } : reply;
