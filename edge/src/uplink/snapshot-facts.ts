/** Gathers what the uplink knows into plain data. */
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { LedgerCounts } from "@weir/contracts/ledger.ts";
import { defaultZone } from "@weir/contracts/site-time.ts";
import type { ControlStatus } from "../hand-over.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { LinkKeeper } from "./link-keeper.ts";
import type { Sender } from "./sender.ts";
import type { TagTable } from "./tag-table.ts";
import type { UplinkOptions } from "./uplink.ts";
import type { SnapshotFacts } from "./uplink-snapshot.ts";

export interface UplinkParts {
  options: UplinkOptions;
  outbox: Outbox;
  /** Why the disk does not take data. */
  storeTrouble: string | undefined;
  table: TagTable | undefined;
  keeper: Pick<LinkKeeper, "state" | "trouble">;
  sender: Pick<Sender, "flying" | "sent">;
  artifacts: Omit<ArtifactState, "$typeName" | "$unknown">[];
  ledger: LedgerCounts;
  control: ControlStatus | undefined;
  /** I/O clock: of its newest word. */
  controlAtMs: number;
}

export function snapshotFacts(parts: UplinkParts): SnapshotFacts {
  const { options, outbox, table, keeper, sender } = parts;
  const { site, edge, agentVersion, plantClock, ioClock, url, settings } = options;
  const freeDiskBytes = options.freeDiskBytes?.();
  return {
    site,
    edge,
    agentVersion,
    atMs: plantClock.nowMs(),
    zone: table?.zone ?? defaultZone,
    epoch: outbox.epoch,
    incarnation: outbox.boot.incarnation,
    revision: table?.revision ?? 0,
    tagCount: table?.tags.length ?? 0,
    configSha256: table?.configSha256 ?? "",
    link: { url, state: keeper.state, trouble: keeper.trouble?.text },
    ledger: parts.ledger,
    outbox: {
      bytes: outbox.storedBytes,
      quotaBytes: settings.quotaBytes,
      telemetryBatches: outbox.storedParcels("telemetry"),
      eventBatches: outbox.storedParcels("events"),
      unacknowledged: sender.flying,
      refusedEvents: outbox.refusedEvents,
      trouble: parts.storeTrouble,
      freeDiskBytes,
    },
    sent: { ...sender.sent },
    artifacts: parts.artifacts,
    control: parts.control,
    controlSilentMs: ioClock.monotonicMs() - parts.controlAtMs,
    lastBackup: options.lastBackup?.(),
    residentBytes: options.residentBytes?.() ?? 0,
    troubles: options.troubles?.() ?? [],
    integrity: options.integrity?.() ?? {},
  };
}
