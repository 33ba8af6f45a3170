/** The messages that an edge makes of itself, sealed. */
import { create } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import type { ArtifactState } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  BirthSchema,
  DeathSchema,
  EdgeStatusSchema,
  HealthSeverity,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { ControlStatus } from "../hand-over.ts";
import type { Boot, Numbered } from "../outbox/outbox-store.ts";
import type { Numbering } from "./numbering.ts";
import type { TagTable } from "./tag-table.ts";
import type { UplinkSnapshot } from "./uplink-snapshot.ts";

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

/** Named in one status; the rest is counted. */
const problemsMax = 50;
const conditionsMax = 50;

const severities = {
  warning: HealthSeverity.WARNING,
  problem: HealthSeverity.PROBLEM,
  critical: HealthSeverity.CRITICAL,
};

export function sealStatus(snapshot: UplinkSnapshot, numbering: Numbering): Uint8Array {
  const { atMs, ledger, artifacts, outbox, residentBytes, control, health, configSha256 } =
    snapshot;
  const problems = [...health.problems, ...health.warnings];
  return seal(
    "status",
    create(EdgeStatusSchema, {
      ...numbering,
      numbered: positionOf(numbering.numbered),
      atMs,
      ledger: { atMs, ...ledger },
      artifacts,
      outboxBytes: outbox.bytes,
      residentBytes,
      configSha256,
      problems: problems
        .slice(0, problemsMax)
        .map((problem) => ({ ...problem, severity: severities[problem.severity] })),
      moreProblems: Math.max(0, problems.length - problemsMax),
      ...(control && controlFields(control)),
    }),
  );
}

function controlFields(control: ControlStatus) {
  // Worst first: what is only uncertain can wait.
  const conditions = [...control.conditions].sort(
    (a, b) => Number(a.quality === Quality.UNCERTAIN) - Number(b.quality === Quality.UNCERTAIN),
  );
  return {
    buses: control.buses,
    latchedTrips: control.latchedTrips,
    bypassedRules: control.bypassedRules,
    suppressed: control.suppressedRules,
    loopLagMsP99: control.loopLagMsP99,
    fastTags: control.fastTags,
    safety: { ...control.safety, unarmedConnections: control.unarmedConnections },
    conditions: conditions
      .slice(0, conditionsMax)
      .map(({ tag, quality, reason, detail, sinceMs, lastGoodMs }) => ({
        ...{ tag, quality, reason, detail, sinceMs, lastGoodMs },
      })),
    moreConditions: Math.max(0, conditions.length - conditionsMax),
    outputs: control.outputs.map(
      ({ remedy: _r, secondary: _s, isWritten: _w, ...output }) => output,
    ),
  };
}
