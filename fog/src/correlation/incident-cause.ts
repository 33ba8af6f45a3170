/**
 * What keeps an incident open, as a key: "<kind>/<what>". One open incident for each, so that a stage can hold
 * several without one hiding another, and so that only the end of the very same cause closes it.
 */
import type { IncidentKind } from "@weir/contracts/api/fog.ts";
import type { AlertRule } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";

export const causes = {
  trip: (edge: string, rule: string) => `trip/${edge}/${rule}`,
  anomaly: (stage: string) => `anomaly/${stage}`,
  alert: (edge: string, tag: string, rule: AlertRule) => `alert/${edge}/${tag}/${rule}`,
  /** Tags of a device that its edge cannot use. */
  badSensor: (edge: string, device: string) => `sensor/${edge}/${device}/bad`,
  /** Tags of a device that are not heard here although their edge is. */
  silentSensor: (edge: string, device: string) => `sensor/${edge}/${device}/silent`,
  /** Empty device: the whole connection. */
  link: (edge: string, connection: string, device: string) =>
    `link/${edge}/${connection}${device && `/${device}`}`,
  edgeSilent: (edge: string) => `edge-silent/${edge}`,
  blindRule: (edge: string, rule: string) => `protection/${edge}/blind/${rule}`,
  watchdog: (edge: string, connection: string) => `protection/${edge}/watchdog/${connection}`,
  bypass: (edge: string, rule: string) => `protection/${edge}/bypass/${rule}`,
  output: (edge: string, output: string) => `protection/${edge}/output/${output}`,
  dataLoss: (edge: string) => `data-loss/${edge}`,
};

const kinds: ReadonlySet<string> = new Set<IncidentKind>([
  "trip",
  "anomaly",
  "alert",
  "sensor",
  "link",
  "edge-silent",
  "protection",
  "data-loss",
]);

export function kindOf(cause: string): IncidentKind {
  const kind = cause.slice(0, cause.indexOf("/"));
  return kinds.has(kind) ? (kind as IncidentKind) : "anomaly";
}

/** The edge whose word keeps an incident open; empty where it is the fog's own finding. */
export const edgeOf = (cause: string): string =>
  kindOf(cause) === "anomaly" ? "" : (cause.split("/")[1] ?? "");

/** Of an incident that was stored before causes were. */
export function causeOfOld({ detector, stage, eventIds, contributions }: Incident): string {
  const edge = eventIds[0]?.split("/")[0] ?? "";
  if (detector.startsWith("isolation forest")) return causes.anomaly(stage);
  if (detector.startsWith("edge trip ")) return causes.trip(edge, detector.slice(10));
  const tag = contributions[0]?.tag.slice(edge.length + 1) ?? "";
  return `alert/${edge}/${tag}/1`;
}
