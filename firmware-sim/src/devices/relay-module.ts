/**
 * Eight relays on a bus, with auxiliary contacts as discrete inputs, and a watchdog of its own: holding
 * 0x1120 is its time-out in milliseconds, 0 = hold the outputs for ever, which is what it is delivered
 * with; a write to 0x1121 is a heartbeat; 0x1122 tells 0 off, 1 watching, 2 tripped. Reading does not
 * feed it: an agent that reads but no longer decides is as dead as one that is gone.
 */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import {
  type Answer,
  illegalAddress,
  illegalValue,
  type Table,
  watchdogDisarmed,
  watchdogTripped,
  watchdogWatching,
} from "./gateway-device.ts";
import type { RtuSlave } from "./rtu-bus.ts";

export const relayCount = 8;
export const relayWatchdog = { timeoutMs: 0x1120, heartbeat: 0x1121, state: 0x1122 } as const;
/** Coil current to closed contact, ms. */
const pullInMs = 8;

export class RelayModule implements RtuSlave {
  readonly unit: number;
  readonly turnaroundMs = 3;
  readonly echoesQuery = true;
  readonly plate = ["Weir", "Relay module 8", "1.0"];
  watchdogTripCount = 0;
  readonly #clock: Clock;
  readonly #coils = new Array<boolean>(relayCount).fill(false);
  readonly #changedMs = new Array<number>(relayCount).fill(Number.NEGATIVE_INFINITY);
  #timeoutMs = 0;
  #heartbeat = 0;
  #beatMs = 0;
  #state = watchdogDisarmed;

  constructor(unit: number, clock: Clock) {
    this.unit = unit;
    this.#clock = clock;
  }

  get coils(): readonly boolean[] {
    this.#watch();
    return this.#coils;
  }

  get watchdog(): number {
    this.#watch();
    return this.#state;
  }

  read(table: Table, address: number, count: number): Answer {
    this.#watch();
    if (count < 1) return refuse(illegalValue);
    const values: number[] = [];
    for (let at = address; at < address + count; at++) {
      const value = this.#value(table, at);
      if (value === undefined) return refuse(illegalAddress);
      values.push(value);
    }
    return { ok: true, values };
  }

  write(table: "coil" | "holding", address: number, values: readonly number[]): Answer {
    this.#watch();
    const end = address + values.length;
    if (table === "coil") {
      if (end > relayCount) return refuse(illegalAddress);
      values.forEach((value, i) => {
        this.#switch(address + i, value !== 0);
      });
    } else {
      if (address < relayWatchdog.timeoutMs || end > relayWatchdog.state) {
        return refuse(illegalAddress);
      }
      values.forEach((value, i) => {
        if (address + i === relayWatchdog.timeoutMs) this.#timeoutMs = value;
        else this.#heartbeat = value;
      });
    }
    this.#beatMs = this.#clock.monotonicMs();
    this.#state = this.#timeoutMs > 0 ? watchdogWatching : watchdogDisarmed;
    return { ok: true, values: [...values] };
  }

  #value(table: Table, at: number): number | undefined {
    if (table === "coil") return at < relayCount ? Number(this.#coils[at]) : undefined;
    if (table === "discrete") return at < relayCount ? Number(this.#contact(at)) : undefined;
    if (table !== "holding") return undefined;
    if (at === relayWatchdog.timeoutMs) return this.#timeoutMs;
    if (at === relayWatchdog.heartbeat) return this.#heartbeat;
    return at === relayWatchdog.state ? this.#state : undefined;
  }

  #contact(i: number): boolean {
    const coil = elementAt(this.#coils, i);
    return this.#clock.monotonicMs() - numberAt(this.#changedMs, i) >= pullInMs ? coil : !coil;
  }

  #switch(i: number, on: boolean): void {
    if (this.#coils[i] === on) return;
    this.#coils[i] = on;
    this.#changedMs[i] = this.#clock.monotonicMs();
  }

  #watch(): void {
    if (this.#state !== watchdogWatching) return;
    if (this.#clock.monotonicMs() - this.#beatMs <= this.#timeoutMs) return;
    this.#state = watchdogTripped;
    this.watchdogTripCount++;
    for (let i = 0; i < relayCount; i++) this.#switch(i, false);
  }
}

const refuse = (exception: number): Answer => ({ ok: false, exception });
