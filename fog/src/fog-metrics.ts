/** The fog's figures for /metrics; read when somebody asks. */
import { integrityFigures } from "@weir/runtime/integrity-log.ts";
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { FogCore } from "./fog.ts";
import type { Outbox } from "./uplink/outbox.ts";

export function meterFog(metrics: Metrics, core: FogCore, outbox: Outbox): void {
  const { ingest, historian } = core;
  const figures: Record<string, [help: string, read: () => number]> = {
    weir_fog_messages: ["Messages stored since the start.", () => ingest.counts.messages],
    weir_fog_readings: ["Distinct readings stored since the start.", () => ingest.counts.readings],
    weir_fog_bytes: ["Payload bytes stored since the start.", () => ingest.counts.bytes],
    weir_fog_duplicates: ["Batches that had been stored before.", () => ingest.counts.duplicates],
    weir_fog_batch_conflicts: [
      "Batches whose number had been given to other content.",
      () => ingest.counts.conflicts,
    ],
    weir_fog_dead_letters: [
      "Messages that could not be understood.",
      () => ingest.counts.deadLetters,
    ],
    weir_fog_commits: ["Commits of the journal by ingest.", () => ingest.counts.commits],
    weir_fog_commit_failures: [
      "Commits that failed; nothing acknowledged.",
      () => ingest.counts.commitFailures,
    ],
    weir_fog_ingest_queue: ["Messages that wait for their commit.", () => ingest.queueLength],
    weir_fog_minutes_sealed: ["Minutes sealed since the start.", () => historian.sealedCount],
    weir_fog_minutes_open: ["Minutes that are still open.", () => historian.openMinutes],
    weir_fog_historian_bytes: ["History on disk.", () => core.health().historianBytes],
    weir_fog_outbox_items: ["Items that wait for the cloud.", () => outbox.items],
    weir_fog_outbox_bytes: ["Bytes that wait for the cloud.", () => outbox.bytes],
    weir_fog_outbox_evicted: ["Minutes given up for the outbox's quota.", () => outbox.evicted],
    weir_fog_skew_ms: ["Largest clock difference of an edge.", () => core.health().skewMsWorst],
    weir_fog_edges_online: [
      "Edges that are connected.",
      () => core.health().edges.filter(({ online }) => online).length,
    ],
  };
  for (const [name, [help, read]] of Object.entries(figures)) metrics.gaugeOf(name, help, read);
  for (const figure of integrityFigures("fog", core.integrity)) metrics.gaugeOf(...figure);
}
