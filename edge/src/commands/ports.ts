/** `weir-edge ports`: serial ports by the names that stay, who uses them, and rules that name them. */

import { realpathSync } from "node:fs";
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { linuxSerialPorts } from "../ports/serial-ports.node-fs.ts";
import { type SerialPortInfo, type SerialPorts, steadyName } from "../ports/serial-ports.ts";
import { latencyMs, type PortRule, portRules, rulesFile } from "../ports/udev-rules.ts";

export const ports = command({
  about: "Lists serial ports by names that stay, who uses them, and udev rules that name them.",
  options: {
    config: {
      flag: "--config",
      type: "string",
      default: undefined,
      doc: "Configuration of the edge: its connections are shown beside their ports.",
      value: "FILE",
    },
    rules: {
      flag: "--rules",
      type: "boolean",
      default: false,
      doc: `Print the udev rules only, for ${rulesFile}.`,
    },
    json: commonOptions.json,
  },
  examples: [
    "weir-edge ports",
    `weir-edge ports --rules | sudo tee ${rulesFile}`,
    "weir-edge ports --config edge.yaml --json",
  ],
  run: async (args, io) => {
    const loaded =
      args.config === undefined
        ? undefined
        : loadConfiguration(args.config, { approval: "ignored" });
    if (loaded && !loaded.ok) {
      io.err(formatProblems(loaded.problems));
      return 1;
    }
    return showPorts(linuxSerialPorts(), { ...args, configuration: loaded?.configuration }, io);
  },
});

/** Exit code: 0, or 1 when there is no port. */
export function showPorts(
  from: SerialPorts,
  options: { configuration: Configuration | undefined; rules: boolean; json: boolean },
  io: Pick<ProgramIo, "out" | "err">,
): number {
  const found = from.list();
  const rules = portRules(found);
  if (options.rules) {
    for (const line of ruleLines([...rules.values()])) io.out(line);
    if (rules.size === 0)
      io.err("no serial adapter on USB is plugged in: there is nothing to name");
    return rules.size > 0 ? 0 : 1;
  }
  for (const port of found) {
    const connections = connectionsOn(port, options.configuration);
    const rule = rules.get(port);
    if (options.json) {
      const name = steadyName(port);
      io.out(JSON.stringify({ event: "port", name, ...port, connections, rule }));
    } else {
      for (const line of portLines(port, { connections, rule })) io.out(line);
    }
  }
  if (found.length === 0 && !options.json) {
    io.err(
      'this machine has no serial port; plug the adapter in and look at "dmesg" if it stays so',
    );
  }
  if (rules.size > 0 && !options.json) {
    io.out(`Rules that name the ports for ever: weir-edge ports --rules | sudo tee ${rulesFile}`);
    io.out("then: sudo udevadm control --reload && sudo udevadm trigger");
  }
  return found.length > 0 ? 0 : 1;
}

function portLines(
  port: SerialPortInfo,
  { connections, rule }: { connections: readonly string[]; rule: PortRule | undefined },
): string[] {
  const { usb, users } = port;
  const adapter = usb
    ? `${usb.vendor} ${usb.product}`.trim() || "unnamed adapter"
    : "a port of this machine";
  const ids = usb ? ` (${usb.vendorId}:${usb.productId})` : "";
  const serial = usb ? `, ${usb.serial ? `serial number ${usb.serial}` : "no serial number"}` : "";
  return [
    `${port.device}  ${adapter}${ids}${serial}`,
    ...port.byId.map((name) => `  by id     ${name}`),
    ...port.byPath.map((name) => `  by path   ${name}`),
    ...(connections.length > 0 ? [`  read by   ${connections.join(", ")}`] : []),
    ...users.map(({ pid, program }) => `  open in   ${program} (pid ${pid})`),
    ...(rule ? [`  rule      ${rule.name} by its ${rule.basis}`] : []),
    ...adviceOn(port, rule).map((text) => `  ! ${text}`),
    "",
  ];
}

function adviceOn(port: SerialPortInfo, rule: PortRule | undefined): string[] {
  const advice: string[] = [];
  if (rule?.basis === "socket") {
    const why =
      present(port.usb).serial === "" ? "has no serial number" : "shares its serial number";
    advice.push(`it ${why}: its names by id may change places; keep it in this socket`);
  }
  if (port.latencyMs !== undefined && port.latencyMs > latencyMs) {
    advice.push(
      `it hands bytes on after ${port.latencyMs} ms; the rules set ${latencyMs} ms, which fast lines need`,
    );
  }
  return advice;
}

function ruleLines(rules: readonly PortRule[]): string[] {
  const lines = rules.flatMap(({ name, basis, lines: own }) => [
    `# ${name}, by its ${basis}`,
    elementAt(own, 0),
  ]);
  const shared = new Set(rules.flatMap(({ lines: own }) => own.slice(1)));
  const why =
    "# ModemManager would talk to whatever it takes for a modem; FTDI adapters would wait.";
  return shared.size > 0 ? [...lines, why, ...shared] : lines;
}

/** Connections of the configuration whose path leads to `port`. */
function connectionsOn(port: SerialPortInfo, configuration: Configuration | undefined): string[] {
  const names = [port.device, ...port.byId, ...port.byPath];
  return (configuration?.connections ?? [])
    .filter((connection) => {
      if (connection.port.kind !== "serial") return false;
      return names.includes(connection.port.path) || leadsTo(connection.port.path, port.device);
    })
    .map(({ id }) => id);
}

/** A name of one's own, as udev's rules give it. */
function leadsTo(path: string, device: string): boolean {
  try {
    return realpathSync(path) === device;
  } catch {
    return false;
  }
}
