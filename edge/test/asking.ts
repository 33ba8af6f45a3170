/** A Modbus master that is asked one thing after another, for tests over real wires. */
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { BusMaster, BusMasterOptions } from "../src/acquisition/bus-master.ts";
import type { OpenChannel } from "../src/acquisition/byte-channel.ts";
import type { ModbusReply } from "../src/acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../src/acquisition/modbus/request.ts";
import { RtuMaster } from "../src/acquisition/modbus/rtu-master.ts";
import { TcpMaster } from "../src/acquisition/modbus/tcp-master.ts";

const timeoutMs = 2_000;

export interface Asking {
  /** `read` is called with the reply while its bytes are valid. */
  ask<T>(request: ModbusRequest, read: (reply: ModbusReply) => T): Promise<T>;
  readonly isUp: boolean;
  stop(): void;
}

function asking(create: (bus: BusMasterOptions) => BusMaster, open: OpenChannel): Asking {
  const waiting: (() => void)[] = [];
  const wake = () => {
    if (master.isUp && !master.isBusy) waiting.shift()?.();
  };
  const master = create({
    open,
    ioClock: systemClock(),
    timeoutMs,
    random: seeded(1, "asking"),
    onUp: wake,
    onReady: wake,
    onDown: () => {},
  });
  master.start();
  return {
    ask: (request, read) =>
      new Promise((resolve) => {
        waiting.push(() =>
          master.send(request, (reply) => {
            const result = read(reply);
            resolve(result);
            queueMicrotask(wake);
          }),
        );
        wake();
      }),
    get isUp() {
      return master.isUp;
    },
    stop: () => master.stop(),
  };
}

export const askOverTcp = (open: OpenChannel): Asking => asking((bus) => new TcpMaster(bus), open);

export const askOverRtu = (
  open: OpenChannel,
  line: { baud: number | undefined; isNetworked: boolean },
): Asking =>
  asking(
    (bus) =>
      new RtuMaster({
        ...bus,
        ...line,
        echo: false,
        turnaroundMs: 5,
        quarantineMs: 120,
        resync: true,
        gapMs: 0,
        pauseAfterConnectMs: 0,
      }),
    open,
  );
