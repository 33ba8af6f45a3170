import type { SettingPath } from "@weir/runtime/problem.ts";
import { quarantineMsMax, type WatchdogDraft } from "../acquisition/modbus/modbus-keys.ts";
import { networkPatience, serialPatience } from "../acquisition/transport-keys.ts";
import type {
  ConnectionSettings,
  PortSettings,
  RtuSettings,
  WatchdogSettings,
} from "./configuration.ts";
import type { ConnectionDraft, ConnectionDraftOf } from "./document-connection.ts";
import { parsePlace } from "./place.ts";
import { resolveInbox } from "./resolve-inbox.ts";
import { resolveLine } from "./resolve-line.ts";
import { resolvePort } from "./resolve-port.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

/** Heartbeats that must fit into the module's time-out. */
const beatsPerTimeoutMin = 2;

export function resolveConnections(
  at: Resolving,
  raw: Record<string, ConnectionDraft>,
): ConnectionSettings[] {
  return Object.entries(raw).map(([id, connection], index) =>
    connection.type === undefined
      ? unknownConnection({ id, index })
      : resolveConnection(at, connection, { id, index }),
  );
}

type Known = Exclude<ConnectionDraft, { type: undefined }>;

function resolveConnection(
  at: Resolving,
  raw: Known,
  { id, index }: { id: string; index: number },
): ConnectionSettings {
  const path = ["connections", id];
  const port = resolvePort(at, raw, path);
  const usual = port.kind === "tcp" ? networkPatience : serialPatience;
  const timeoutMs = raw.timeout ?? usual.timeoutMs;
  const isMqtt = raw.type === "mqtt";
  const watchdog = "watchdog" in raw ? raw.watchdog : undefined;
  return {
    index,
    id,
    type: raw.type,
    port,
    timeoutMs,
    gapMs: isMqtt ? 0 : raw.gap,
    maxRegisters: raw.maxRegisters,
    maxHole: raw.maxHole,
    roundTripMs: raw.roundTrip,
    retries: isMqtt ? usual.retries : (raw.retries ?? usual.retries),
    pauseAfterConnectMs: raw.pauseAfterConnect,
    rtu: raw.type === "modbus-rtu" ? resolveRtu(raw, port, timeoutMs) : undefined,
    inbox: isMqtt ? resolveInbox(at, raw, path) : undefined,
    line: raw.type === "line" ? resolveLine(at, raw, path) : undefined,
    watchdog: watchdog && resolveWatchdog(at, watchdog, [...path, "watchdog"]),
  };
}

/** In the place of one whose type is none, so that what names it is not at fault. */
const unknownConnection = ({ id, index }: { id: string; index: number }): ConnectionSettings => ({
  index,
  id,
  type: "modbus-tcp",
  port: { kind: "tcp", host: "", port: 0 },
  ...networkPatience,
  gapMs: 0,
  maxRegisters: 1,
  maxHole: 0,
  roundTripMs: 1,
  pauseAfterConnectMs: 0,
  rtu: undefined,
  inbox: undefined,
  line: undefined,
  watchdog: undefined,
});

function resolveRtu(
  raw: ConnectionDraftOf<"modbus-rtu">,
  port: PortSettings,
  timeoutMs: number,
): RtuSettings {
  return {
    baud: port.kind === "serial" ? port.baud : raw.baud,
    echo: raw.echo,
    turnaroundMs: raw.turnaround,
    quarantineMs: raw.quarantine ?? Math.min(timeoutMs, quarantineMsMax),
    resync: raw.resync,
  };
}

function resolveWatchdog(
  at: Resolving,
  raw: WatchdogDraft,
  path: SettingPath,
): WatchdogSettings | undefined {
  const heartbeat = register(at, raw.heartbeat, [...path, "heartbeat"]);
  const timeoutRegister = register(at, raw.timeoutRegister, [...path, "timeoutRegister"]);
  const everyMs = raw.every;
  const timeoutMs = raw.timeout ?? 0;
  const resolutionMs = raw.resolution;
  if (timeoutMs > 0 && everyMs * beatsPerTimeoutMin > timeoutMs) {
    fault(
      at,
      [...path, "every"],
      `a heartbeat every ${everyMs} ms does not fit twice into the time-out of ${timeoutMs} ms; one late heartbeat would stop the plant`,
    );
  }
  if (timeoutMs % resolutionMs !== 0 || timeoutMs / resolutionMs > 0xffff) {
    fault(
      at,
      [...path, "timeout"],
      `${timeoutMs} ms is no whole number of ${resolutionMs} ms steps that fits a register`,
    );
  }
  if (raw.timeoutRegister === undefined) {
    warn(
      at,
      path,
      "without timeoutRegister the agent cannot check that the module's watchdog is on; many modules hold their outputs by default",
    );
  }
  if (heartbeat === undefined) return undefined;
  return {
    unit: raw.unit,
    heartbeat,
    everyMs,
    timeoutRegister,
    timeoutMs,
    resolutionMs,
  };
}

function register(at: Resolving, text: string | undefined, path: SettingPath): number | undefined {
  if (text === undefined) return undefined;
  const result = parsePlace(text);
  if (!result.ok) return fault(at, path, result.text);
  if (result.place.table !== "holding") {
    return fault(
      at,
      path,
      `${result.place.table} registers cannot be written; name a holding register`,
    );
  }
  return result.place.address;
}
