/**
 * A cut-off over a serial Modbus line: from the first byte of the question whose answer passes the limit to
 * the write in the slave's hands. The line is the simulator's, which takes the time that bytes take at its
 * baud rate; beside it what that time is by arithmetic.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteChannelEvents, OpenChannel } from "@weir/edge/acquisition/byte-channel.ts";
import type { ModbusRequest } from "@weir/edge/acquisition/modbus/request.ts";
import {
  byteMs,
  exchangeBytes,
  exchangeMs,
  frameGapMs,
} from "@weir/edge/acquisition/modbus/rtu-timing.ts";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { createControl } from "@weir/edge/control/control-loop.ts";
import { openLatchFile } from "@weir/edge/safety/latch-store.file.ts";
import { PacedLine } from "@weir/firmware-sim/devices/paced-line.ts";
import { RtuBus, type RtuSlave } from "@weir/firmware-sim/devices/rtu-bus.ts";
import { LineState } from "@weir/firmware-sim/devices/serial-failures.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Bench } from "../bench.ts";
import { quantileCells, quantileColumns } from "./quantile-cells.ts";

const bauds = [9_600, 19_200, 115_200];
/** Of the device; 20 ms is usual. */
const turnaroundMs = 20;
const unit = 7;
const normalValue = 100;
const unsafeValue = 600;
const readCode = 3;
/** Between a trip and its reset, and between that and the next trip. */
const pauseMs = 400;

const question: ModbusRequest = { fc: readCode, unit, address: 0, count: 2 };
const order: ModbusRequest = { fc: 5, unit, address: 0, value: false };

const yaml = (baud: number): string => `version: 1
site: {id: bench}
edge: bench
connections: {bus: {type: modbus-rtu, port: /dev/null, baud: ${baud}, turnaround: ${turnaroundMs}ms, retries: 0}}
devices:
  - id: D
    connection: bus
    unit: ${unit}
    tags:
      A: {read: "holding:0", type: uint16, every: 250ms, min: 0, max: 1000}
      B: {read: "holding:1", type: uint16, every: 250ms, min: 0, max: 1000}
outputs: {pump: {write: "coil bus/${unit}:0", safe: off, readBack: false}}
safety: [{id: HIGH, when: {tag: D/A, above: 500, for: 0s, samples: 1}, then: [{set: pump, to: off}], tripsPerHour: 1000}]
`;

/** By arithmetic: question, answer, silence, and the write's own bytes with the silence that ends them. */
const arithmeticMs = (baud: number): number =>
  exchangeMs(question, { baud, turnaroundMs }) +
  exchangeBytes(order).asked * byteMs(baud) +
  frameGapMs(baud);

/** A master's end of a line whose bytes take their time, and the slave at the other. */
class Wire {
  value = normalValue;
  /** Cut-offs, ms. */
  readonly durations: number[] = [];
  readonly #baud: number;
  readonly #clock = systemClock();
  #askedMs = 0;

  constructor(baud: number) {
    this.#baud = baud;
  }

  open: OpenChannel = (events: ByteChannelEvents) => {
    let isOpen = true;
    const line = new PacedLine({
      format: { baud: this.#baud, dataBits: 8, parity: "E", stopBits: 1 },
      clock: this.#clock,
      transmit: (bytes) => {
        if (isOpen) events.onBytes(bytes);
      },
    });
    const bus = new RtuBus({
      line,
      state: new LineState("bench", seeded(1, "line")),
      slaves: [this.#slave()],
      beforeRequest: () => {},
    });
    this.#clock.after(0, () => {
      if (isOpen) events.onOpen();
    });
    return {
      write: (bytes) => {
        if (bytes[1] === readCode) this.#askedMs = this.#clock.monotonicMs();
        bus.receive(Uint8Array.from(bytes));
      },
      close: () => {
        isOpen = false;
      },
    };
  };

  #slave(): RtuSlave {
    return {
      unit,
      turnaroundMs,
      echoesQuery: true,
      read: (_table, _address, count) => ({ ok: true, values: Array(count).fill(this.value) }),
      write: () => {
        if (this.value === unsafeValue) {
          this.durations.push(this.#clock.monotonicMs() - this.#askedMs);
          this.value = normalValue;
        }
        return { ok: true, values: [] };
      },
    };
  }
}

async function cutOffs(configuration: Configuration, folder: string, count: number) {
  const clock = systemClock();
  const wire = new Wire(configuration.connections[0]?.rtu?.baud ?? Number.NaN);
  const latchStore = openLatchFile(join(folder, "latched-trips"), true);
  const provoke = () => {
    wire.value = unsafeValue;
  };
  const reset = () =>
    control.order({ kind: "reset-trip", ref: "r", rule: "HIGH", by: "bench", reason: "" });
  const control = createControl({
    configuration,
    clock,
    ioClock: clock,
    channelFor: () => wire.open,
    latchStore,
    notify: (notice) => {
      if (notice.kind === "answer") clock.after(pauseMs, notice.accepted ? provoke : reset);
      if (notice.kind === "event" && notice.event.body?.case === "trip")
        clock.after(pauseMs, reset);
    },
    logger: silentLogger,
    random: seeded(1, "bench/serial"),
  });
  control.start();
  clock.after(2 * pauseMs, provoke);
  while (wire.durations.length < count) await clock.sleep(pauseMs);
  control.kill();
  latchStore.close();
  return wire.durations;
}

export const bench: Bench = {
  name: "serial",
  about: "a cut-off over Modbus RTU at several baud rates, beside the line's arithmetic",
  async run({ smoke, report }) {
    const rows: string[][] = [];
    for (const baud of bauds) {
      const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
      const file = join(folder, "edge.yaml");
      writeFileSync(file, yaml(baud));
      const loaded = loadConfiguration(file);
      if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
      const durations = await cutOffs(loaded.configuration, folder, smoke ? 2 : 60);
      rows.push([String(baud), arithmeticMs(baud).toFixed(1), ...quantileCells(durations, 1)]);
      rmSync(folder, { recursive: true });
    }
    report.table(
      "first byte of the question → the write is the slave's, ms",
      ["baud", "by arithmetic", ...quantileColumns],
      rows,
    );
    report.line(
      `Two registers read, one coil written, 8E1, ${turnaroundMs} ms turnaround of the device. Silences and turnaround are kept by timers of whole milliseconds on both sides.`,
    );
  },
};
