/**
 * Sensors on an SDI-12 bus (SDI-12 v1.4): they speak when spoken to, one letter an address. `0M!` starts a
 * measurement and says how long it takes and how many values there will be; the sensor reports when it is
 * ready (service request); `0D0!` fetches. Example: 0M! → 00084, after 8 s 0, 0D0! → 0+2591+706+25.53+0.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel } from "@weir/runtime/clock.ts";
import type { PacedLine } from "./paced-line.ts";
import { crc16 } from "./rtu-bus.ts";
import type { LineState } from "./serial-failures.ts";

export interface Sdi12Sensor {
  /** One character: 0…9, a…z, A…Z. `aAb!` changes it. */
  address: string;
  /** Vendor (8 characters), model (6), version (3), serial number (up to 13). */
  identity: string;
  /** Seconds that a measurement takes, 0…999. */
  measureS: number;
  /** Values of a measurement, at most 9; taken when it is ready. */
  measure: () => readonly Sdi12Value[];
}

export interface Sdi12Value {
  value: number;
  digits: number;
}

export interface Sdi12BusOptions {
  line: PacedLine;
  state: LineState;
  sensors: readonly Sdi12Sensor[];
  beforeRequest: () => void;
}

/** Marking before an answer, ms (4.2.1: 8.33). */
const markingMs = 8.33;
/** Characters of values in one answer (4.4.4): after M, after C. */
const dataSizeMax = { M: 35, C: 75 } as const;
const commandSizeMax = 16;
const bang = 0x21;

type Kind = "M" | "C";
interface Measurement {
  kind: Kind;
  hasCrc: boolean;
  /** Undefined until it is ready. */
  values: readonly string[] | undefined;
  cancel: Cancel;
}

export class Sdi12Bus {
  readonly #options: Sdi12BusOptions;
  readonly #sensors: { sensor: Sdi12Sensor; address: string; measurement?: Measurement }[];
  #command = "";
  #request: number[] = [];

  constructor(options: Sdi12BusOptions) {
    this.#options = options;
    this.#sensors = options.sensors.map((sensor) => ({ sensor, address: sensor.address }));
  }

  receive(bytes: Uint8Array): void {
    const endMs = this.#options.line.arrival(bytes.length);
    for (const byte of bytes) {
      // What a break leaves on an adapter, and what stands before a command.
      if (byte <= 0x20 || byte > 0x7e) this.#command = "";
      else if (byte === bang) {
        this.#request = [...new TextEncoder().encode(`${this.#command}!`)];
        this.#hear(this.#command, endMs);
        this.#command = "";
      } else if (this.#command.length < commandSizeMax) this.#command += String.fromCharCode(byte);
    }
  }

  #hear(command: string, endMs: number): void {
    const { state, beforeRequest } = this.#options;
    state.requestCount++;
    beforeRequest();
    if (command === "?") {
      const [only] = this.#sensors;
      if (only !== undefined) this.#say(only.address, "", endMs);
      return;
    }
    const place = this.#sensors.find(({ address }) => address === command[0]);
    if (place === undefined) return;
    const body = this.#answer(place, command.slice(1), endMs);
    if (body !== undefined) this.#say(place.address, body, endMs);
  }

  /** What follows the address; undefined = silence. */
  #answer(
    place: { sensor: Sdi12Sensor; address: string; measurement?: Measurement },
    command: string,
    endMs: number,
  ): string | undefined {
    const { sensor, measurement } = place;
    // Any command to a sensor that measures ends that measurement, unless it is a concurrent one.
    if (measurement?.values === undefined && measurement?.kind === "M") {
      measurement.cancel();
      delete place.measurement;
    }
    if (command === "") return "";
    if (command === "I") return `14${sensor.identity}`;
    const [, moved] = /^A([0-9a-zA-Z])$/.exec(command) ?? [];
    if (moved !== undefined) {
      place.address = moved;
      return "";
    }
    const begun = /^([MCV])(C?)([1-9]?)$/.exec(command);
    if (begun) return this.#begin(place, begun, endMs);
    const data = /^D([0-9])$/.exec(command);
    if (data) return this.#data(place, Number(data[1]));
    const now = /^R(C?)([0-9])$/.exec(command);
    if (!now) return undefined;
    const values = now[2] === "0" ? texts(sensor.measure()) : [];
    return withCrc(place.address, values.join(""), now[1] === "C");
  }

  #begin(
    place: { sensor: Sdi12Sensor; address: string; measurement?: Measurement },
    begun: RegExpExecArray,
    endMs: number,
  ): string {
    const [, letter, crc, group] = begun;
    const { sensor } = place;
    place.measurement?.cancel();
    const kind: Kind = letter === "C" ? "C" : "M";
    // Only the first group has values; verification has none.
    const count = group === "" && letter !== "V" ? sensor.measure().length : 0;
    const seconds = count === 0 ? 0 : sensor.measureS;
    const measurement: Measurement = {
      kind,
      hasCrc: crc === "C",
      values: count === 0 ? [] : undefined,
      cancel: () => {},
    };
    const ready = () => {
      this.#options.beforeRequest();
      measurement.values = texts(sensor.measure());
    };
    if (count > 0 && seconds === 0) ready();
    else if (count > 0) {
      const { clock } = this.#options.line;
      const dueMs = endMs + seconds * 1000;
      measurement.cancel = clock.after(dueMs - clock.monotonicMs(), () => {
        ready();
        if (kind === "M") this.#say(place.address, "", dueMs);
      });
    }
    place.measurement = measurement;
    const time = String(seconds).padStart(3, "0");
    return `${time}${kind === "C" ? String(count).padStart(2, "0") : count}`;
  }

  #data(place: { address: string; measurement?: Measurement }, page: number): string {
    const { measurement } = place;
    if (measurement?.values === undefined) return "";
    const text = pages(measurement.values, dataSizeMax[measurement.kind])[page] ?? "";
    return withCrc(place.address, text, measurement.hasCrc);
  }

  #say(address: string, body: string, endMs: number): void {
    const { line, state } = this.#options;
    const answer = new TextEncoder().encode(`${address}${body}\r\n`);
    const request = Uint8Array.from(this.#request);
    const { bytes, delayMs } = state.bend(answer, { device: address, request });
    if (bytes.length > 0) line.send(bytes, endMs + markingMs + delayMs);
  }
}

/** A sign, then at most seven digits and a point. */
const texts = (values: readonly Sdi12Value[]): string[] =>
  values.map(({ value, digits }) => {
    const number = Number.isFinite(value) ? value : -9999;
    const text = Math.abs(number).toFixed(digits).slice(0, 8).replace(/\.$/, "");
    return `${number < 0 ? "-" : "+"}${text}`;
  });

function pages(values: readonly string[], sizeMax: number): string[] {
  const out = [""];
  for (const value of values) {
    const last = out.length - 1;
    if (elementAt(out, last).length + value.length <= sizeMax) out[last] += value;
    else out.push(value);
  }
  return out;
}

const withCrc = (address: string, body: string, hasCrc: boolean): string =>
  hasCrc ? body + sdi12Crc(address + body) : body;

/** CRC-16 from zero, as three printable characters (4.4.12.2). */
export function sdi12Crc(text: string): string {
  const crc = crc16(new TextEncoder().encode(text), 0);
  return String.fromCharCode(0x40 | (crc >> 12), 0x40 | ((crc >> 6) & 0x3f), 0x40 | (crc & 0x3f));
}
