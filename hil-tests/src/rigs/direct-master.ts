/** One Modbus connection in our own hands, apart from any agent: to prepare outputs and to look at them afterwards. */
import { u8 } from "@weir/contracts/elements.ts";
import { channelOf } from "@weir/edge/acquisition/connection-types.ts";
import { createMaster } from "@weir/edge/acquisition/modbus/create-master.ts";
import type { ModbusRequest } from "@weir/edge/acquisition/modbus/request.ts";
import type { ConnectionSettings, Place } from "@weir/edge/configuration/configuration.ts";
import { type Clock, systemClock } from "@weir/runtime/clock.ts";
import type { Fault } from "@weir/runtime/fault.ts";
import { seeded } from "@weir/runtime/random.ts";
import { HilFault } from "../faults.ts";

export interface Wired {
  unit: number;
  place: Place;
}

const openWithinMs = 15_000;
const lookEveryMs = 10;
const attemptCountMax = 3;

export class DirectMaster {
  readonly #connection: ConnectionSettings;
  readonly #master: ReturnType<typeof createMaster>;
  readonly #clock: Clock = systemClock();
  #why = "no connection";

  private constructor(connection: ConnectionSettings) {
    this.#connection = connection;
    this.#master = createMaster(connection, {
      open: channelOf(connection),
      ioClock: this.#clock,
      timeoutMs: connection.timeoutMs,
      random: seeded(1, "direct"),
      onUp: () => {},
      onDown: (reason) => {
        this.#why = reason;
      },
    });
  }

  /** @throws Fault HIL_NO_ANSWER */
  static async open(connection: ConnectionSettings): Promise<DirectMaster> {
    const direct = new DirectMaster(connection);
    direct.#master.start();
    const endMs = direct.#clock.monotonicMs() + openWithinMs;
    while (!direct.#master.isUp) {
      if (direct.#clock.monotonicMs() > endMs) {
        direct.#master.stop();
        throw direct.#fault();
      }
      await direct.#clock.sleep(lookEveryMs);
    }
    return direct;
  }

  #fault(): Fault {
    return new HilFault("HIL_NO_ANSWER", { connection: this.#connection.id, why: this.#why });
  }

  async close(): Promise<void> {
    this.#master.stop();
    await this.#clock.sleep(lookEveryMs);
  }

  /** Words of registers, or 0 and 1. @throws Fault HIL_NO_ANSWER after three attempts */
  read({ unit, place }: Wired, count = 1): Promise<number[]> {
    const fc = ({ coil: 1, discrete: 2, holding: 3, input: 4 } as const)[place.table];
    const isBits = fc <= 2;
    return this.#ask({ fc, unit, address: place.address, count }, (bytes, at) =>
      Array.from({ length: count }, (_, i) =>
        isBits
          ? (u8(bytes, at + (i >> 3)) >> (i & 7)) & 1
          : u8(bytes, at + 2 * i) * 256 + u8(bytes, at + 2 * i + 1),
      ),
    );
  }

  async write({ unit, place }: Wired, value: number): Promise<void> {
    // An echo of the request is told from its answer only on a line that has answered something else.
    if (place.table === "coil") await this.read({ unit, place });
    const { address } = place;
    const request: ModbusRequest =
      place.table === "coil"
        ? { fc: 5, unit, address, value: value !== 0 }
        : { fc: 6, unit, address, value };
    await this.#ask(request, () => []);
  }

  async #ask(
    request: ModbusRequest,
    values: (bytes: Uint8Array, at: number) => number[],
  ): Promise<number[]> {
    for (let attempt = 0; attempt < attemptCountMax; attempt++) {
      const endMs = this.#clock.monotonicMs() + openWithinMs;
      while (this.#master.isBusy || !this.#master.isUp) {
        if (this.#clock.monotonicMs() > endMs) throw this.#fault();
        await this.#clock.sleep(1);
      }
      const answer = await new Promise<number[] | undefined>((resolve) =>
        this.#master.send(request, (reply) => {
          if (!reply.ok) this.#why = reply.fault.text;
          resolve(reply.ok ? values(reply.bytes, reply.dataAt) : undefined);
        }),
      );
      if (answer !== undefined) return answer;
    }
    throw this.#fault();
  }
}
