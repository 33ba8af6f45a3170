/** The edge's figures for Prometheus, read from the snapshot when somebody asks. */
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";

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
  ["control_loop_lag_p99_ms", "Lateness of the control loop.", (s) => s.control?.loopLagMsP99 ?? 0],
];

/** The Prometheus text exposition format 0.0.4. By hand: a library for these lines is a fifth of the agent's memory. */
export const metricsText = (snapshot: UplinkSnapshot): string =>
  figures
    .map(([name, help, read]) => {
      const full = `weir_edge_${name}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${full} ${read(snapshot)}\n`;
    })
    .join("");
