/** Reads a register and its neighbours from a device that may not have all of them. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { Place } from "../../configuration/configuration.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import type { OpenChannel } from "../byte-channel.ts";
import type { ModbusReply } from "./reply.ts";
import { get16 } from "./request.ts";

/** From one register before to two after: every two-register value at the offsets −1, 0 and +1. */
const before = 1;
const after = 2;

export type ReadAround = { ok: true; registers: Map<number, number> } | { ok: false; text: string };

export function readRegistersAround(
  target: {
    unit: number;
    place: Place;
    timeoutMs: number;
    create: (bus: BusMasterOptions) => BusMaster;
  },
  ports: { open: OpenChannel; ioClock: Clock; random: Random },
): Promise<ReadAround> {
  const { unit, place, timeoutMs, create } = target;
  if (place.table === "coil" || place.table === "discrete") {
    return Promise.resolve({ ok: false, text: "bits have no byte order; probe registers" });
  }
  const fc = place.table === "input" ? 4 : 3;
  const registers = new Map<number, number>();
  return new Promise((resolve) => {
    let lastRefusal = "";
    const finish = (result: ReadAround) => {
      master.stop();
      resolve(result);
    };
    const end = () =>
      finish(
        registers.size > 0
          ? { ok: true, registers }
          : { ok: false, text: lastRefusal || "nothing could be read" },
      );
    // One register at a time: a device that refuses one of them still shows the others.
    let waiting: number | undefined;
    const next = (offset: number) => {
      if (offset > after) return end();
      if (master.isBusy) {
        waiting = offset;
        return;
      }
      const address = place.address + offset;
      if (address < 0 || address > 0xffff) return next(offset + 1);
      master.send({ fc, unit, address, count: 1 }, (reply) => {
        if (!take(reply, offset)) return end();
        next(offset + 1);
      });
    };
    const take = (reply: ModbusReply, offset: number): boolean => {
      if (reply.ok) registers.set(offset, get16(reply.bytes, reply.dataAt));
      else lastRefusal = reply.fault.text;
      return reply.ok || reply.fault.kind === "exception";
    };
    const master = create({
      ...ports,
      timeoutMs,
      onUp: () => next(-before),
      onReady: () => {
        const offset = waiting;
        waiting = undefined;
        if (offset !== undefined) next(offset);
      },
      onDown: (reason) => finish({ ok: false, text: lastRefusal || reason }),
    });
    master.start();
  });
}
