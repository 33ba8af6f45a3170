/** One programmable controller: its register image, its outputs, its communications watchdog. */
import { f64, numberAt, u8, u16 } from "@weir/contracts/elements.ts";
import { type Actuator, speedAuto } from "../actuators/actuator.ts";
import type { SensorBank } from "../sensors/sensor-bank.ts";
import { statusLoopHigh, statusLoopLow } from "../sensors/sensor-status.ts";
import type { RegisterMap } from "./register-map.ts";
import { encodeValue } from "./value-codec.ts";

export type Table = "coil" | "discrete" | "input" | "holding";

/** Modbus exception codes that a gateway gives. */
export const illegalFunction = 1;
export const illegalAddress = 2;
export const illegalValue = 3;
export const gatewayTargetFailed = 0x0b;

/** `exception` undefined: no answer at all. */
export type Answer = { ok: true; values: number[] } | { ok: false; exception: number | undefined };

/** What a controller does when its field side is lost. */
export type StaleMode = "normal" | "freeze" | "exception" | "silence";

export const watchdogDisarmed = 0;
export const watchdogWatching = 1;
export const watchdogTripped = 2;

/** In the status word of every device: it is there. */
export const statusAlive = 0x4000;

export interface GatewayDeviceOptions {
  map: RegisterMap;
  bank: SensorBank;
  actuators: ReadonlyMap<string, Actuator>;
  /** Plant time, ms. */
  nowMs: () => number;
  /** Clock of the watchdog, ms: real time on a real controller. */
  watchdogMs: () => number;
}

/** The controller's input card sees 3.5 or 21.6 mA (NE 43) and marks the value as none. */
const isLoopBroken = (status: number): boolean => (status & (statusLoopLow | statusLoopHigh)) !== 0;

const refuse = (exception: number): Answer => ({ ok: false, exception });

export class GatewayDevice {
  stale: StaleMode = "normal";
  requestCount = 0;
  exceptionCount = 0;
  watchdogTripCount = 0;
  readonly map: RegisterMap;
  readonly #options: GatewayDeviceOptions;
  readonly #image: Uint16Array;
  readonly #actuators: Actuator[];
  #imageMs = Number.NaN;
  #heartbeat = 0;
  #timeoutMs = 0;
  #beatMs = 0;
  #watchdog = watchdogDisarmed;
  /** Coils when the watchdog tripped; undefined once somebody commanded that one. */
  #beforeTrip: (boolean | undefined)[] = [];

  constructor(options: GatewayDeviceOptions) {
    this.#options = options;
    this.map = options.map;
    this.#image = new Uint16Array(options.map.valueCount);
    this.#actuators = options.map.actuators.map(
      ({ actuator }) => options.actuators.get(actuator.id) as Actuator,
    );
  }

  get watchdog(): number {
    return this.#watchdog;
  }

  read(table: Table, address: number, count: number): Answer {
    this.requestCount++;
    const answer = this.#offline() ?? this.#read(table, address, count);
    if (!answer.ok) this.exceptionCount++;
    return answer;
  }

  /** Coils as 0 or 1. Nothing is written unless everything may be. */
  write(table: "coil" | "holding", address: number, values: readonly number[]): Answer {
    this.requestCount++;
    const answer = this.#offline() ?? this.#write(table, address, values);
    if (!answer.ok) this.exceptionCount++;
    return answer;
  }

  /** To be called now and then: outputs go to safe when the heartbeat stays away. */
  watch(): void {
    if (this.#watchdog !== watchdogWatching) return;
    if (this.#options.watchdogMs() - this.#beatMs <= this.#timeoutMs) return;
    this.#watchdog = watchdogTripped;
    this.watchdogTripCount++;
    this.#beforeTrip = this.#actuators.map((actuator) => actuator.coil);
    for (const actuator of this.#actuators) {
      actuator.command(actuator.spec.safe, this.#options.nowMs());
    }
  }

  /** The heartbeat is back: outputs that nobody commanded meanwhile return to what they were. */
  #recover(): void {
    this.#beforeTrip.forEach((on, i) => {
      if (on !== undefined) this.#actuators[i]?.command(on, this.#options.nowMs());
    });
    this.#beforeTrip = [];
  }

  #offline(): Answer | undefined {
    if (this.stale === "exception") return refuse(gatewayTargetFailed);
    if (this.stale === "silence") return { ok: false, exception: undefined };
    return undefined;
  }

  #read(table: Table, address: number, count: number): Answer {
    if (count < 1 || count > (table === "input" || table === "holding" ? 125 : 2000)) {
      return refuse(illegalValue);
    }
    const values: number[] = new Array(count);
    if (table === this.map.gateway.encoding.table && address + count <= this.map.valueCount) {
      this.#refresh();
      for (let i = 0; i < count; i++) values[i] = u16(this.#image, address + i);
      return { ok: true, values };
    }
    for (let i = 0; i < count; i++) {
      const value =
        table === "coil"
          ? this.#coil(address + i)
          : table === "discrete"
            ? this.#discrete(address + i)
            : table === "holding"
              ? this.#command(address + i)
              : undefined;
      if (value === undefined) return refuse(illegalAddress);
      values[i] = value;
    }
    return { ok: true, values };
  }

  #coil(address: number): number | undefined {
    const actuator = this.#actuators[address];
    return actuator && (actuator.coil ? 1 : 0);
  }

  #discrete(address: number): number | undefined {
    const actuator = this.#actuators[address >> 1];
    return actuator && (actuator.feedback(address & 1) ? 1 : 0);
  }

  #command(address: number): number | undefined {
    const { command } = this.map;
    if (address === command.heartbeat) return this.#heartbeat;
    if (address === command.timeoutMs) return this.#timeoutMs;
    if (address === command.watchdogState) return this.#watchdog;
    return this.#actuators[address - command.watchdogState - 1]?.speed;
  }

  #write(table: "coil" | "holding", address: number, values: readonly number[]): Answer {
    const limit = table === "coil" ? 1968 : 123;
    if (values.length < 1 || values.length > limit) return refuse(illegalValue);
    const nowMs = this.#options.nowMs();
    if (table === "coil") {
      if (address + values.length > this.#actuators.length) return refuse(illegalAddress);
      values.forEach((value, i) => {
        this.#actuators[address + i]?.command(value !== 0, nowMs);
        if (this.#beforeTrip.length > 0) this.#beforeTrip[address + i] = undefined;
      });
      return { ok: true, values: [...values] };
    }
    const { command } = this.map;
    for (let i = 0; i < values.length; i++) {
      const at = address + i;
      const known = at >= command.heartbeat && at < command.end && at !== command.watchdogState;
      if (!known) return refuse(illegalAddress);
      const isSpeed = at > command.watchdogState;
      const value = numberAt(values, i);
      if (isSpeed && value > 10_000 && value !== speedAuto) return refuse(illegalValue);
    }
    values.forEach((value, i) => {
      this.#writeCommand(address + i, value);
    });
    return { ok: true, values: [...values] };
  }

  #writeCommand(address: number, value: number): void {
    const { command } = this.map;
    if (address === command.heartbeat) this.#heartbeat = value;
    else if (address === command.timeoutMs) this.#timeoutMs = value;
    else {
      const actuator = this.#actuators[address - command.watchdogState - 1];
      if (actuator) actuator.speed = value;
      return;
    }
    if (this.#watchdog === watchdogTripped) this.#recover();
    this.#beatMs = this.#options.watchdogMs();
    this.#watchdog = this.#timeoutMs > 0 ? watchdogWatching : watchdogDisarmed;
  }

  #refresh(): void {
    const nowMs = this.#options.nowMs();
    if (this.#imageMs === nowMs || this.stale === "freeze") return;
    this.#imageMs = nowMs;
    const { order } = this.map.gateway.encoding;
    const { measured, status } = this.#options.bank;
    for (const entry of this.map.values) {
      encodeValue(this.#image, entry.address, {
        value: isLoopBroken(u8(status, entry.sensor.index))
          ? Number.NaN
          : f64(measured, entry.sensor.index),
        form: { type: entry.type, scale: entry.scale, order },
      });
    }
    for (const entry of this.map.status) {
      let word = statusAlive;
      for (const index of entry.sensors) word |= u8(status, index);
      this.#image[entry.address] = word;
    }
    this.#image[this.map.heartbeatCounter] = Math.floor(nowMs / 1000) & 0xffff;
  }
}
