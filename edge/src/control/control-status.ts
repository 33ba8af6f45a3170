/** How the control thread stands, gathered from its parts; every few seconds and when something changes. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Source } from "../acquisition/source.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ControlStatus } from "../hand-over.ts";
import type { IoWatchdog } from "../safety/io-watchdog.ts";
import type { Instant } from "../safety/rule-table.ts";
import type { Safety } from "../safety/safety.ts";
import type { LinkReports } from "./link-reports.ts";
import type { OutputDrives } from "./output-drives.ts";
import type { ReadingPath } from "./reading-path.ts";

export interface ControlParts {
  configuration: Configuration;
  sources: readonly Source[];
  watchdogs: readonly (IoWatchdog | undefined)[];
  safety: Safety;
  links: LinkReports;
  path: ReadingPath;
  drives: OutputDrives;
}

type Counts = Pick<
  ControlStatus,
  "acquired" | "thresholdsVersion" | "fastTags" | "loopLagMsP99" | "troubles"
>;

export function controlStatus(parts: ControlParts, at: Instant, counts: Counts): ControlStatus {
  const { configuration, sources, watchdogs, safety, path, links, drives } = parts;
  return {
    ...counts,
    buses: sources.map((source, i) => busStatus(parts, source, i)),
    latchedTrips: safety.latchedRules(),
    trips: safety.latches(),
    resettableTrips: safety.resettableRules(at),
    bypassedRules: safety.bypassedRules(at),
    suppressedRules: safety.suppressedRules(at),
    conditions: path.conditions(),
    silentConnections: links.silentConnections(),
    silentDevices: links.silentDevices(),
    outputs: drives.status(),
    unarmedConnections: configuration.connections
      .filter(({ index }) => watchdogs[index]?.isArmed === false)
      .map(({ id }) => id),
    safety: safety.standing(),
  };
}

function busStatus(
  { configuration, links, path }: ControlParts,
  source: Source,
  connection: number,
): ControlStatus["buses"][number] {
  const { deadDevices, ...status } = source.status();
  const { connections, devices } = configuration;
  const { id, type } = elementAt(connections, connection);
  const { sinceMs, text } = links.connection(connection);
  return {
    id,
    kind: type,
    ...status,
    deadDevices: deadDevices.map((i) => elementAt(devices, i).id),
    sinceMs,
    text,
    heardAtMs: path.heardAtMs(connection),
  };
}
