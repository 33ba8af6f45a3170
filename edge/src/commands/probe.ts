/** `weir-edge probe`: reads around a tag's register and shows what the bytes could mean. */
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import { tcpChannel } from "../acquisition/channel.node-net.ts";
import { readRegistersAround } from "../acquisition/modbus/read-around.ts";
import { TcpMaster } from "../acquisition/modbus/tcp-master.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { formatPlace, parsePlace } from "../configuration/place.ts";
import { findTag } from "../configuration/resolve-devices.ts";
import { type Candidate, candidatesOf, rangeAround } from "./probe-candidates.ts";
import { probeDevice } from "./probe-device.ts";
import { failureText, type ProbePorts, type ProbeTarget, tagTarget } from "./probe-target.ts";

/** Rows shown at most. */
const rowsMax = 12;

const text = (flag: string, doc: string, value: string) =>
  ({ flag, type: "string", default: undefined, doc, value }) as const;
const figure = (flag: string, doc: string) =>
  ({ flag, type: "number", default: undefined, doc }) as const;

export const probe = command({
  about: "Reads a register and its neighbours in every byte order and type; likely meanings first.",
  options: {
    config: text(
      "--config",
      "Configuration of the edge; then name one of its tags, or --device.",
      "FILE",
    ),
    host: text("--host", "Modbus TCP device to ask, without a configuration.", "HOST"),
    tcpPort: {
      flag: "--tcp-port",
      formerly: "--port",
      type: "number",
      default: 502,
      doc: "TCP port, with --host.",
      min: 1,
      max: 65_535,
      integer: true,
    },
    unit: { flag: "--unit", type: "number", default: 1, doc: "Unit id.", min: 0, max: 255 },
    read: text("--read", 'Register, as "holding:11" or "holding 40012".', "REGISTER"),
    min: figure(
      "--min",
      "Least value that the instrument can show; needed with --host but for --shown.",
    ),
    max: figure("--max", "Largest value that the instrument can show; as --min."),
    scale: {
      flag: "--scale",
      type: "number",
      default: 1,
      doc: "Value = register × scale, with --host.",
    },
    shown: figure("--shown", "What the instrument's own display shows."),
    device: text(
      "--device",
      "Reads every register tag of this device of the configuration.",
      "DEVICE",
    ),
    json: { flag: "--json", type: "boolean", default: false, doc: "One JSON object a line." },
  },
  positionals: { name: "TAG", doc: "Tag of the configuration, as TANK1/PT01.", min: 0, max: 1 },
  examples: [
    "weir-edge probe --config edge.yaml TANK1/PT01 --shown 1.25",
    "weir-edge probe --config edge.yaml --device TANK1",
    'weir-edge probe --host 10.0.8.11 --read "holding 40012" --min 0 --max 14 --shown 7.2',
  ],
  run: async (args, io) => {
    const ioClock = systemClock();
    const ports = { ioClock, random: seeded(ioClock.nowMs(), "probe") };
    if (args.device !== undefined) {
      const found = deviceOf(args.config, args.device, io);
      return found ? probeDevice(found, ports, { io, asJson: args.json }) : 2;
    }
    const target = args.config ? fromConfiguration(args, io) : fromOptions(args, io);
    if (!target) return 2;
    return probeTarget(target, { ...ports, open: target.open }, { ...io, asJson: args.json });
  },
});

/** Exit code: 0 when a likely meaning was found, 1 when not. */
export async function probeTarget(
  target: ProbeTarget,
  ports: ProbePorts,
  io: Pick<ProgramIo, "out" | "err"> & { asJson?: boolean },
): Promise<number> {
  const read = await readRegistersAround(target, ports);
  if (!read.ok) {
    io.err(`${target.way} unit ${target.unit}: ${failureText(target.way, read.text)}`);
    return 1;
  }
  const candidates = candidatesOf(read.registers, {
    ...target.expected,
    ...(target.configured && { configured: target.configured }),
  });
  const likely = candidates.filter((candidate) => candidate.isExpected);
  if (io.asJson) {
    for (const candidate of candidates) io.out(JSON.stringify({ event: "meaning", ...candidate }));
    return likely.length > 0 ? 0 : 1;
  }
  const { min, max } = target.expected;
  io.out(`${formatPlace(target.place)} of ${target.way} unit ${target.unit}`);
  io.out(
    `registers ${[...read.registers].map(([offset, word]) => `${signed(offset)}: ${hex(word)}`).join("  ")}`,
  );
  io.out(
    `${likely.length} of ${candidates.length} meanings lie in ${short(min)} to ${short(max)} (*)${unclearText(likely)}`,
  );
  io.out("");
  io.out("     offset  register            type     order           raw         value");
  for (const candidate of candidates.slice(0, rowsMax)) io.out(row(candidate, target));
  return likely.length > 0 ? 0 : 1;
}

/** Two floats that share a register differ by less than a display shows. */
function unclearText(likely: readonly Candidate[]): string {
  const alike = likely.filter(({ isShown }) => isShown);
  const isClear = new Set(alike.map(({ value }) => value)).size < 2;
  return isClear
    ? ""
    : `; ${alike.length} fit what the display shows: probe again when it shows another value, or give more of its digits`;
}

function deviceOf(config: string | undefined, id: string, io: ProgramIo) {
  if (config === undefined) {
    io.err("--device needs the configuration: weir-edge probe --config FILE --device DEVICE");
    return undefined;
  }
  const loaded = loadConfiguration(config, { approval: "ignored" });
  if (!loaded.ok) {
    io.err(formatProblems(loaded.problems));
    return undefined;
  }
  const { configuration } = loaded;
  const names = configuration.devices.map((d) => d.id);
  const device = configuration.devices.find((d) => d.id === id);
  if (device) return { configuration, device };
  const guess = nearestName(id, names);
  io.err(
    `there is no device "${id}"; ${guess ? `did you mean ${guess}?` : `there are ${names.join(", ")}`}`,
  );
  return undefined;
}

function row(candidate: Candidate, { place, configured }: ProbeTarget): string {
  const { offset, type, order, raw, value, isExpected } = candidate;
  const isConfigured = offset === 0 && type === configured?.type && order === configured.order;
  return [
    `  ${isExpected ? "*" : " "}`,
    signed(offset).padStart(7),
    ` ${formatPlace({ ...place, address: place.address + offset }).padEnd(19)}`,
    type.padEnd(8),
    order.padEnd(6),
    short(raw).padStart(12),
    short(value).padStart(13),
    isConfigured ? "  as configured" : "",
  ]
    .join(" ")
    .trimEnd();
}

interface ProbeArgs {
  config: string | undefined;
  host: string | undefined;
  tcpPort: number;
  unit: number;
  read: string | undefined;
  min: number | undefined;
  max: number | undefined;
  scale: number;
  shown: number | undefined;
  positionals: string[];
}

function fromConfiguration(
  args: ProbeArgs,
  io: ProgramIo,
): (ProbeTarget & { open: OpenChannel }) | undefined {
  const loaded = loadConfiguration(args.config as string, { approval: "ignored" });
  if (!loaded.ok) {
    io.err(formatProblems(loaded.problems));
    return undefined;
  }
  const { configuration } = loaded;
  const tag = findTag(configuration.tags, args.positionals[0] ?? "");
  if (!tag) {
    const known = configuration.tags.slice(0, 10).map((t) => t.id);
    const wanted = args.positionals[0];
    const lead = wanted === undefined ? "" : `there is no tag "${wanted}"; `;
    io.err(`${lead}name a tag of the configuration, as ${known.join(", ")}`);
    return undefined;
  }
  if (!tag.place) {
    io.err(
      `${tag.id} is no register; "weir-edge status --values" tells what the running agent reads`,
    );
    return undefined;
  }
  return tagTarget(configuration, tag, args.shown);
}

function fromOptions(
  args: ProbeArgs,
  io: ProgramIo,
): (ProbeTarget & { open: OpenChannel }) | undefined {
  const { host, tcpPort: port, unit, read, min, max, scale, shown } = args;
  if (host === undefined || read === undefined) {
    const lacking = host === undefined ? "--host" : "--read";
    const given = host === undefined && read === undefined ? "" : `${lacking} is missing: `;
    io.err(`${given}give --config FILE and a tag, or --host HOST and --read REGISTER`);
    return undefined;
  }
  const range = rangeOf({ min, max, shown });
  if (!range.ok) {
    io.err(range.text);
    return undefined;
  }
  const place = parsePlace(read);
  if (!place.ok) {
    io.err(place.text);
    return undefined;
  }
  const { min: least, max: most } = range;
  const expected = { min: least, max: most, scale, offset: 0, areFloatsScaled: false };
  return {
    way: `${host}:${port}`,
    create: (bus) => new TcpMaster(bus),
    open: tcpChannel({ host, port }),
    unit,
    place: place.place,
    timeoutMs: 2_000,
    expected: shown === undefined ? expected : { ...expected, shown },
  };
}

/** Without it no meaning would be likelier than another. */
function rangeOf({ min, max, shown }: Pick<ProbeArgs, "min" | "max" | "shown">) {
  if (min !== undefined && max !== undefined) {
    if (min < max) return { ok: true as const, min, max };
    return { ok: false as const, text: `--min ${min} is not below --max ${max}` };
  }
  if (shown !== undefined) {
    const around = rangeAround(shown);
    return { ok: true as const, min: min ?? around.min, max: max ?? around.max };
  }
  const lacking = [min === undefined ? "--min" : "", max === undefined ? "--max" : ""];
  const names = lacking.filter((name) => name !== "");
  const text = `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} missing: what the instrument can show, as --min 0 --max 14; or what it shows now, as --shown 7.2`;
  return { ok: false as const, text };
}

const signed = (n: number): string => (n > 0 ? `+${n}` : String(n));
const hex = (word: number): string => `0x${word.toString(16).padStart(4, "0").toUpperCase()}`;
const short = (x: number): string =>
  Number.isInteger(x) && Math.abs(x) < 1e12 ? String(x) : x.toPrecision(6);
