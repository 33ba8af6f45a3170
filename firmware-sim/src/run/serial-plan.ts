/** `--serial`: which lines speak, where, and how fast. */
import { SimFault } from "../faults.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import type { SerialLine } from "../plant-definition/serial-kit.ts";

export type SerialPlace = { kind: "tcp"; port: number } | { kind: "pty"; path: string };

export interface PlannedLine {
  line: SerialLine;
  place: SerialPlace;
}

const portMax = 65_535;
const baudMin = 300;
const baudMax = 921_600;
type Lines = readonly SerialLine[];

const expected = (lines: Lines): string =>
  lines.length === 0
    ? "possible: this plant has no serial lines"
    : `"all", or LINE=tcp:PORT or LINE=pty:PATH, with @BAUD if need be, separated by commas; lines are ${lines.map(({ id }) => id).join(", ")}`;

/** "all" (each on a free TCP port), or "rtu=pty:/tmp/rs485@9600,wq=tcp:0". @throws Fault SIM_OPTION */
export function parseSerial({ serial }: PlantDefinition, text: string): PlannedLine[] {
  const lines = serial?.lines ?? [];
  if (text === "") return [];
  if (text === "all") return lines.map((line) => ({ line, place: { kind: "tcp", port: 0 } }));
  const planned = text.split(",").map((part) => one(lines, part.trim(), text));
  const ids = planned.map(({ line }) => line.id);
  if (new Set(ids).size !== ids.length) refuse(lines, text);
  return planned;
}

function one(lines: Lines, part: string, text: string): PlannedLine {
  const match = /^(\w+)=(tcp|pty):([^@]+)(?:@(\d+))?$/.exec(part);
  const known = lines.find(({ id }) => id === match?.[1]);
  if (match === null || known === undefined) return refuse(lines, text);
  const [, , kind, where = "", baudText] = match;
  const baud = baudText === undefined ? known.format.baud : Number(baudText);
  if (baud < baudMin || baud > baudMax) refuse(lines, text);
  const line = { ...known, format: { ...known.format, baud } };
  if (kind === "pty") return { line, place: { kind, path: where } };
  const port = /^\d{1,5}$/.test(where) ? Number(where) : Number.NaN;
  if (!(port <= portMax)) refuse(lines, text);
  return { line, place: { kind: "tcp", port } };
}

function refuse(lines: Lines, value: string): never {
  throw new SimFault("SIM_OPTION", { option: "--serial", value, expected: expected(lines) });
}
