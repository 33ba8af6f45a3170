/** The messages that an edge makes of itself, sealed. */
import { create } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  BirthSchema,
  DeathSchema,
  EdgeStatusSchema,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { LedgerCounts } from "@weir/contracts/ledger.ts";
import type { ControlStatus } from "../hand-over.ts";
import type { Boot, Numbered } from "../outbox/outbox-store.ts";
import type { Numbering } from "./numbering.ts";
import type { TagTable } from "./tag-table.ts";

type Artifacts = Omit<ArtifactState, "$typeName" | "$unknown">[];

export interface BirthFields extends Boot {
  site: string;
  edge: string;
  atMs: number;
  agentVersion: string;
  artifacts: Artifacts;
  clockSynchronised: boolean;
}

export const sealBirth = ({ previous, ...fields }: BirthFields, table: TagTable): Uint8Array =>
  seal(
    "birth",
    create(BirthSchema, {
      ...fields,
      ...(previous && { previous: positionOf(previous) }),
      revision: table.revision,
      configSha256: table.configSha256,
      dictionary: table.dictionary.hash,
      tags: table.tags,
    }),
  );

const positionOf = ({ epoch, incarnation, sequence }: Numbered) => ({
  epoch,
  incarnation,
  blocks: sequence.telemetry,
  events: sequence.events,
});

export const sealDeath = (
  fields: { site: string; edge: string; orderly: boolean },
  { epoch, incarnation }: Boot,
): Uint8Array => seal("death", create(DeathSchema, { ...fields, epoch, incarnation }));

export interface StatusFields extends Numbering {
  atMs: number;
  ledger: LedgerCounts;
  artifacts: Artifacts;
  outboxBytes: number;
  residentBytes: number;
}

/** `control`: the newest word of the control thread, if there was one. */
export const sealStatus = (fields: StatusFields, control: ControlStatus | undefined): Uint8Array =>
  seal(
    "status",
    create(EdgeStatusSchema, {
      ...fields,
      numbered: positionOf(fields.numbered),
      ledger: { atMs: fields.atMs, ...fields.ledger },
      buses: control?.buses ?? [],
      latchedTrips: control?.latchedTrips ?? [],
      bypassedRules: control?.bypassedRules ?? [],
      suppressed: control?.suppressedRules ?? [],
      loopLagMsP99: control?.loopLagMsP99 ?? 0,
      fastTags: control?.fastTags ?? [],
      ...(control && {
        safety: { ...control.safety, unarmedConnections: control.unarmedConnections },
      }),
    }),
  );
