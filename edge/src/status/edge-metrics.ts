/** The edge's figures for Prometheus, read from the snapshot when somebody asks. */
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { overdueTests } from "./safety-findings.ts";

type Read = (snapshot: UplinkSnapshot) => number;

const figures: readonly [name: string, help: string, read: Read][] = [
  ["readings_acquired", "Readings handed over by the control thread.", (s) => s.ledger.acquired],
  ["readings_delivered", "Readings acknowledged by the fog.", (s) => s.ledger.delivered],
  ["readings_thinned", "Readings left out by filter policy.", (s) => s.ledger.thinned],
  ["readings_dropped", "Readings evicted from a full outbox.", (s) => s.ledger.dropped],
  ["readings_pending", "Readings in memory or in the outbox.", (s) => s.ledger.pending],
  ["outbox_bytes", "Telemetry and events in the outbox.", (s) => s.outbox.bytes],
  ["outbox_quota_bytes", "What the outbox may hold.", (s) => s.outbox.quotaBytes],
  ["outbox_event_batches", "Event batches in the outbox.", (s) => s.outbox.eventBatches],
  ["outbox_ok", "1 while the disk takes data.", (s) => (s.outbox.trouble === undefined ? 1 : 0)],
  ["events_refused", "Events that found no room.", (s) => s.outbox.refusedEvents],
  ["link_up", "1 while the fog is connected.", (s) => (s.link.state === "live" ? 1 : 0)],
  ["sent_live_batches", "Telemetry batches sent live.", (s) => s.sent.live],
  ["sent_backlog_batches", "Telemetry batches sent later.", (s) => s.sent.backlog],
  ["sent_event_batches", "Event batches sent.", (s) => s.sent.events],
  ["sent_bytes", "Bytes of batches sent.", (s) => s.sent.bytes],
  ["resident_bytes", "Memory of the whole process.", (s) => s.residentBytes],
  ["boot_epoch", "Boots of this edge.", (s) => s.epoch],
  ["trips_latched", "Safety rules latched.", (s) => s.control?.latchedTrips.length ?? 0],
  ["rules_bypassed", "Safety rules bypassed.", (s) => s.control?.bypassedRules.length ?? 0],
  [
    "buses_connected",
    "Buses connected.",
    (s) => s.control?.buses.filter((b) => b.connected).length ?? 0,
  ],
  ["rules_blind", "Safety rules that cannot see their cause.", (s) => blindRules(s).length],
  ["rules_approved", "1 while people stand for the safety table.", (s) => yes(isApproved(s))],
  ["proof_tests_overdue", "Proof tests never made or overdue.", (s) => overdue(s).length],
  ["watchdogs_unarmed", "I/O watchdogs that are not set.", (s) => unarmed(s).length],
  ["ok", "1 while there is no problem; there may be warnings.", (s) => yes(s.health.ok)],
  ["problems", "Problems, critical ones too.", (s) => s.health.problems.length],
  ["warnings", "Warnings.", (s) => s.health.warnings.length],
  ["tags_not_good", "Tags without a good reading.", (s) => s.control?.conditions.length ?? 0],
  ["outputs_failed", "Outputs that do not do what was ordered.", (s) => failedOutputs(s).length],
  [
    "rules_suppressed",
    "Rules kept quiet by others.",
    (s) => s.control?.suppressedRules.length ?? 0,
  ],
  ["disk_free_bytes", "What the disk has left.", (s) => s.outbox.freeDiskBytes ?? Number.NaN],
  ["tags_fast", "Tags read faster than configured.", (s) => s.control?.fastTags.length ?? 0],
  ["configuration_revision", "Tag tables of this boot.", (s) => s.revision],
  ["configuration_trial", "1 while a change is on trial.", (s) => yes(standing(s) === "trial")],
  [
    "configuration_ok",
    "1 while the file's configuration runs and no change was taken back.",
    (s) => yes(s.control?.configurationTrouble === undefined && standing(s) !== "rolled-back"),
  ],
  ["control_loop_lag_p99_ms", "Lateness of the control loop.", (s) => s.control?.loopLagMsP99 ?? 0],
];

type Bus = NonNullable<UplinkSnapshot["control"]>["buses"][number];

const busFigures: readonly [name: string, help: string, read: (bus: Bus) => number][] = [
  ["bus_connected", "1 while connected.", (bus) => yes(bus.connected)],
  ["bus_requests", "Requests sent.", (bus) => bus.requests],
  ["bus_failures", "Requests without a good answer.", (bus) => bus.failures],
  ["bus_reconnects", "Connections made anew.", (bus) => bus.reconnects],
  ["bus_utilisation", "Share of time that the bus is busy.", (bus) => bus.utilisation],
  ["bus_budget", "Share of time that the configured rates need.", (bus) => bus.budget],
  ["bus_skipped_polls", "Polls left out as the bus had no time.", (bus) => bus.skippedPolls],
  ["bus_stalled_polls", "Polls left out as the agent was not let run.", (bus) => bus.stalledPolls],
  ["bus_discarded_bytes", "Bytes that belonged to no answer.", (bus) => bus.discardedBytes],
  ["bus_dead_devices", "Devices that do not answer.", (bus) => bus.deadDevices.length],
  ["bus_round_trip_p50_ms", "Time to an answer, median.", (bus) => bus.roundTripMsP50],
  ["bus_round_trip_p99_ms", "Time to an answer, 99th percentile.", (bus) => bus.roundTripMsP99],
];

const yes = (is: boolean): number => (is ? 1 : 0);
const standing = (s: UplinkSnapshot) => s.control?.configuration?.state;
const blindRules = (s: UplinkSnapshot) => s.control?.safety.blindRules ?? [];
const isApproved = (s: UplinkSnapshot) => s.control?.safety.approved ?? false;
const unarmed = (s: UplinkSnapshot) => s.control?.unarmedConnections ?? [];
const overdue = ({ control, atMs }: UplinkSnapshot) =>
  overdueTests(control?.safety.proofTests ?? [], atMs);
const failedOutputs = ({ control }: UplinkSnapshot) =>
  (control?.outputs ?? []).filter(({ outcome }) => outcome === OutputOutcome.FAILED);

/** Each problem and warning by itself, with the plant time since when. */
function problemSamples({ health }: UplinkSnapshot): [string, number][] {
  return [...health.problems, ...health.warnings].map(({ code, subject, severity, sinceMs }) => [
    `{code="${escaped(code)}",subject="${escaped(subject)}",severity="${severity}"}`,
    sinceMs / 1_000,
  ]);
}

/** How many tags are not good for each reason. */
function reasonSamples({ control }: UplinkSnapshot): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason } of control?.conditions ?? []) {
    const name = reasonNames.get(reason) ?? "unknown";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => [`{reason="${reason}"}`, count]);
}

const reasonNames = new Map<number, string>(
  Object.entries(QualityReason).map(([name, code]) => [code, name.toLowerCase()]),
);

/** The Prometheus text exposition format 0.0.4. By hand: a library for these lines is a fifth of the agent's memory. */
export function metricsText(snapshot: UplinkSnapshot): string {
  const buses = snapshot.control?.buses ?? [];
  return [
    ...figures.map(([name, help, read]) => family(name, help, [["", read(snapshot)]])),
    ...busFigures.map(([name, help, read]) =>
      family(
        name,
        help,
        buses.map((bus) => [`{connection="${escaped(bus.id)}"}`, read(bus)]),
      ),
    ),
    family(
      "problem_since_seconds",
      "A problem or warning, and the plant time since when.",
      problemSamples(snapshot),
    ),
    ...Object.entries(snapshot.integrity).map(([code, count]) => {
      const help = `Findings "${code}" since this edge's database was begun.`;
      return family(`integrity_${code.replace("-", "_")}`, help, [["", count]]);
    }),
    family("tags_by_reason", "Tags without a good reading, by reason.", reasonSamples(snapshot)),
    family("configuration_info", "Which configuration runs.", [
      [`{sha256="${escaped(snapshot.configSha256)}"}`, 1],
    ]),
  ].join("");
}

function family(
  name: string,
  help: string,
  samples: readonly (readonly [string, number])[],
): string {
  if (samples.length === 0) return "";
  const full = `weir_edge_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labels} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join("")}`;
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`));
