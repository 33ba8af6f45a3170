/** The message families on topics, each with its stable schema id. One table, one line a family. */
import type { DescMessage } from "@bufbuild/protobuf";
import { SignedArtifactSchema } from "./generated/weir/v1/artifact_pb.ts";
import { AckSchema, CommandSchema } from "./generated/weir/v1/command_pb.ts";
import { BirthSchema, DeathSchema, EdgeStatusSchema } from "./generated/weir/v1/edge_pb.ts";
import { EventBatchSchema } from "./generated/weir/v1/event_pb.ts";
import { TelemetrySchema } from "./generated/weir/v1/telemetry_pb.ts";
import type { Family } from "./topics.ts";

export interface SchemaEntry {
  /** First byte of the envelope; never reused, never 0x7B, which opens JSON. */
  id: number;
  /** Newest version written; every version from 1 up is read. */
  version: number;
  message: DescMessage;
}

export const schemas = {
  birth: { id: 1, version: 1, message: BirthSchema },
  death: { id: 2, version: 1, message: DeathSchema },
  blocks: { id: 3, version: 1, message: TelemetrySchema },
  events: { id: 4, version: 1, message: EventBatchSchema },
  status: { id: 5, version: 1, message: EdgeStatusSchema },
  ack: { id: 6, version: 1, message: AckSchema },
  model: { id: 7, version: 1, message: SignedArtifactSchema },
  command: { id: 8, version: 1, message: CommandSchema },
} as const satisfies Record<Family, SchemaEntry>;
