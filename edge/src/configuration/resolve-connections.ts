import type { SettingPath } from "@weir/runtime/problem.ts";
import type { ConnectionSettings, WatchdogSettings } from "./configuration.ts";
import { parsePlace } from "./place.ts";
import type { RawConnection, RawWatchdog } from "./raw-document.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

const defaults = {
  port: 502,
  timeoutMs: 1_000,
  gapMs: 0,
  maxRegisters: 120,
  maxHole: 8,
  /** A PLC over a switch; bridges to serial lines take far longer and should say so. */
  roundTripMs: 5,
  heartbeatEveryMs: 1_000,
  watchdogResolutionMs: 10,
  unit: 1,
};

/** Heartbeats that must fit into the module's time-out. */
const beatsPerTimeoutMin = 2;

export function resolveConnections(
  at: Resolving,
  raw: Record<string, RawConnection>,
): ConnectionSettings[] {
  return Object.entries(raw).map(([id, connection], index) => ({
    index,
    id,
    type: connection.type ?? "modbus-tcp",
    port: { kind: "tcp", host: connection.host ?? "", port: connection.port ?? defaults.port },
    timeoutMs: connection.timeout ?? defaults.timeoutMs,
    gapMs: connection.gap ?? defaults.gapMs,
    maxRegisters: connection.maxRegisters ?? defaults.maxRegisters,
    maxHole: connection.maxHole ?? defaults.maxHole,
    roundTripMs: connection.roundTrip ?? defaults.roundTripMs,
    watchdog: connection.watchdog
      ? resolveWatchdog(at, connection.watchdog, ["connections", id, "watchdog"])
      : undefined,
  }));
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
