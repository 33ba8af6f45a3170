/** The serial lines of a live plant: each its devices, its wire and its port. */
import type { Clock } from "@weir/runtime/clock.ts";
import { tcpBytePort } from "../devices/byte-port.node-net.ts";
import { ptyBytePort } from "../devices/byte-port.socat.ts";
import type { BytePort } from "../devices/byte-port.ts";
import { formatText, PacedLine } from "../devices/paced-line.ts";
import type { LineState } from "../devices/serial-failures.ts";
import type { SerialLine } from "../plant-definition/serial-kit.ts";
import type { LivePlant } from "./live-plant.ts";
import { createSerialDevices } from "./serial-devices.ts";
import type { PlannedLine } from "./serial-plan.ts";

export interface ServedLine {
  line: SerialLine;
  /** "tcp://127.0.0.1:4001" or the path of the terminal. */
  place: string;
}

export interface ServedSerialLines {
  lines: readonly ServedLine[];
  close(): Promise<void>;
}

export async function serveSerialLines(
  live: LivePlant,
  planned: readonly PlannedLine[],
  options: { host: string; clock: Clock },
): Promise<ServedSerialLines> {
  const served: ServedLine[] = [];
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closing.map((stop) => stop()));
  };
  try {
    for (const plan of planned) {
      const { port, stop } = await serveLine(live, plan, options);
      served.push({ line: plan.line, place: port.place });
      closing.push(stop);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { lines: served, close };
}

async function serveLine(
  live: LivePlant,
  { line, place }: PlannedLine,
  options: { host: string; clock: Clock },
): Promise<{ port: BytePort; stop: () => Promise<void> }> {
  const { clock, host } = options;
  const state = live.plant.serial.get(line.id) as LineState;
  const wire = new PacedLine({
    format: line.format,
    clock,
    transmit: (bytes) => port.send(bytes),
  });
  const devices = createSerialDevices(line.id, {
    plant: live.plant,
    line: wire,
    state,
    catchUp: () => live.catchUp(),
  });
  const open =
    place.kind === "tcp"
      ? tcpBytePort({ line: line.id, host, port: place.port })
      : ptyBytePort({ line: line.id, path: place.path, clock });
  const port = await open((bytes) => {
    if (state.isPlugged) devices.receive(bytes);
  });
  state.onPlug = (isIn) => {
    wire.clear();
    port.plug(isIn);
  };
  devices.start();
  const stop = async () => {
    devices.stop();
    wire.clear();
    await port.close();
  };
  return { port, stop };
}

/** Name of the line at the place it can be opened: for listings. */
export const lineText = ({ line, place }: ServedLine): string =>
  `${line.id.padEnd(8)} ${place} ${formatText(line.format)}`;
