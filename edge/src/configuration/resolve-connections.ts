import type { SettingPath } from "@weir/runtime/problem.ts";
import {
  type ConnectionSettings,
  type ConnectionType,
  isModbus,
  type PortSettings,
  type RtuSettings,
  type WatchdogSettings,
} from "./configuration.ts";
import { parsePlace } from "./place.ts";
import type { RawConnection, RawWatchdog } from "./raw-document.ts";
import { refuseInboxKeys, resolveInbox } from "./resolve-inbox.ts";
import { refuseLineKeys, resolveLine } from "./resolve-line.ts";
import { resolvePort } from "./resolve-port.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

const defaults = {
  maxRegisters: 120,
  maxHole: 8,
  /** A PLC over a switch; bridges to serial lines take far longer and should say so. */
  roundTripMs: 5,
  heartbeatEveryMs: 1_000,
  watchdogResolutionMs: 10,
  unit: 1,
  /** Of most devices on a serial line. */
  turnaroundMs: 20,
  /** Longer would make a line wait for an answer that rarely comes; what is later still is told apart. */
  quarantineMsMax: 120,
};

const tcpDefaults = { timeoutMs: 1_000, gapMs: 0, retries: 0 };
/** A byte lost to noise is usual on a serial line; so are transceivers that are slow to turn round. */
const serialDefaults = { timeoutMs: 500, gapMs: 0, retries: 2 };

/** Frames come ten times a second, unasked; silence for this long is a fault. */
const frameDefaults = { timeoutMs: 3_000, gapMs: 0, retries: 0 };
/** A sensor begins to answer within 15 ms; adapters and device servers take their time. */
const sdi12Defaults = { timeoutMs: 250, gapMs: 0, retries: 2 };
const ownDefaults: Partial<Record<ConnectionType, typeof tcpDefaults>> = {
  frames: frameDefaults,
  sdi12: sdi12Defaults,
};

/** Heartbeats that must fit into the module's time-out. */
const beatsPerTimeoutMin = 2;

export function resolveConnections(
  at: Resolving,
  raw: Record<string, RawConnection>,
): ConnectionSettings[] {
  return Object.entries(raw).map(([id, connection], index) =>
    resolveConnection(at, connection, { id, index }),
  );
}

function resolveConnection(
  at: Resolving,
  raw: RawConnection,
  { id, index }: { id: string; index: number },
): ConnectionSettings {
  const path = ["connections", id];
  checkWatchdogKey(at, raw, path);
  const type = raw.type ?? "modbus-tcp";
  const isSerial = raw.host === undefined;
  const port: PortSettings =
    type === "mqtt"
      ? { kind: "broker", url: raw.url ?? "" }
      : resolvePort(at, raw, { path, needsTcp: type === "modbus-tcp" });
  if (type !== "mqtt") refuseInboxKeys(at, raw, path);
  if (type !== "line") refuseLineKeys(at, raw, path);
  const usual = ownDefaults[type] ?? (isSerial ? serialDefaults : tcpDefaults);
  const timeoutMs = raw.timeout ?? usual.timeoutMs;
  return {
    index,
    id,
    type,
    port,
    timeoutMs,
    gapMs: raw.gap ?? usual.gapMs,
    maxRegisters: raw.maxRegisters ?? defaults.maxRegisters,
    maxHole: raw.maxHole ?? defaults.maxHole,
    roundTripMs: raw.roundTrip ?? defaults.roundTripMs,
    retries: raw.retries ?? usual.retries,
    pauseAfterConnectMs: raw.pauseAfterConnect ?? 0,
    rtu: type === "modbus-rtu" ? resolveRtu(raw, port, timeoutMs) : undefined,
    inbox: type === "mqtt" ? resolveInbox(at, raw, path) : undefined,
    line: type === "line" ? resolveLine(at, raw, path) : undefined,
    watchdog: raw.watchdog
      ? resolveWatchdog(at, raw.watchdog, ["connections", id, "watchdog"])
      : undefined,
  };
}

function checkWatchdogKey(at: Resolving, raw: RawConnection, path: SettingPath): void {
  if (!raw.watchdog || raw.type === undefined || isModbus(raw.type)) return;
  const text = `a ${raw.type} connection cannot be written, so it has no watchdog; leave it out`;
  fault(at, [...path, "watchdog"], text);
}

function resolveRtu(raw: RawConnection, port: PortSettings, timeoutMs: number): RtuSettings {
  return {
    baud: port.kind === "serial" ? port.baud : raw.baud,
    echo: raw.echo ?? false,
    turnaroundMs: raw.turnaround ?? defaults.turnaroundMs,
    quarantineMs: raw.quarantine ?? Math.min(timeoutMs, defaults.quarantineMsMax),
    resync: raw.resync ?? true,
  };
}

function resolveWatchdog(
  at: Resolving,
  raw: RawWatchdog,
  path: SettingPath,
): WatchdogSettings | undefined {
  const heartbeat = register(at, raw.heartbeat, [...path, "heartbeat"]);
  const timeoutRegister = register(at, raw.timeoutRegister, [...path, "timeoutRegister"]);
  const everyMs = raw.every ?? defaults.heartbeatEveryMs;
  const timeoutMs = raw.timeout ?? 0;
  const resolutionMs = raw.resolution ?? defaults.watchdogResolutionMs;
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
    unit: raw.unit ?? defaults.unit,
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
