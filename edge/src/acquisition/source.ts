/**
 * One connection at work, whatever its protocol: it polls or listens, and hands raw numbers to the
 * reading path. The control loop knows sources by this interface only; `connection-types.ts` is the
 * table of those there are.
 */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { Missing } from "../conditioning/missing.ts";
import type { Configuration, ConnectionSettings } from "../configuration/configuration.ts";
import type { EventFields, Order } from "../hand-over.ts";
import type { OpenChannel } from "./byte-channel.ts";
import type { ModbusReply } from "./modbus/reply.ts";
import type { ModbusRequest } from "./modbus/request.ts";
import type { VibrationAnalysis } from "./vibration/vibration-analysis.ts";

export interface Source {
  start(): void;
  /** Nothing reaches the sink any more. */
  stop(): void;
  status(): SourceStatus;
  /**
   * Reads `tags` `factor` times as often as configured, as far as the bus has room; 1 is the usual
   * rate. Returns the factor granted. Sources that only listen return 1.
   */
  hasten(tags: readonly number[], factor: number): number;
  /** A rule tripped, by its index: what is known beyond readings may be reported. */
  tripped?(rule: number): void;
  /** Takes what the uplink thread heard for this connection. */
  inbound?(order: Extract<Order, { kind: "inbound" }>): void;
  /** Why nothing has come of a tag, as far as the source knows; for sources that only listen. */
  silence?(tag: number): Missing | undefined;
  /** Sends a request before anything else; undefined where nothing can be written. */
  readonly urgent: SendUrgent | undefined;
}

/**
 * Sends `request` before any poll, in this very call when the wire is free. `settle` is called once; at
 * once when there is no connection.
 */
export type SendUrgent = (request: ModbusRequest, settle: (reply: ModbusReply) => void) => void;

export interface SourceStatus {
  connected: boolean;
  requests: number;
  failures: number;
  reconnects: number;
  /** Share of time that the bus was busy since the last call, 0…1. */
  utilisation: number;
  /** Share of time that the configured rates need by arithmetic, 0…1. */
  budget: number;
  /** Slots that passed without a poll: the bus had no time. */
  skippedPolls: number;
  /** Slots that passed without a poll: this process was not let run. */
  stalledPolls: number;
  /** Bytes that belonged to no answer, line or frame. */
  discardedBytes: number;
  roundTripMsP50: number;
  roundTripMsP99: number;
  /** Devices that do not answer, as indexes of the configuration. */
  deadDevices: number[];
}

export interface SourceOptions {
  configuration: Configuration;
  connection: ConnectionSettings;
  open: OpenChannel;
  /** Plant time: polls, the times of readings. */
  clock: Clock;
  /** Real time: deadlines, reconnects. */
  ioClock: Clock;
  random: Random;
  sink: ReadingSink;
  /** Plant milliseconds since an instant, monotonic plant time, in which this thread was not let run. */
  stalledMs?: (sinceMs: number) => number;
  /** Newest good value of any tag; not a number where there is none. */
  goodValueOf: (tag: number) => number;
  /** Where vibration is worked out. */
  analysis: VibrationAnalysis;
  report: (event: EventFields) => void;
  /** The bytes' way came up or went down; `text` says why. Up is not yet an answer. */
  onLink: (isUp: boolean, text: string) => void;
  /** A device stopped answering, or answers again. */
  onDevice: (device: number, isUp: boolean, text: string) => void;
}

export interface ReadingColumns {
  /** Raw number of each tag, written before `take`. */
  readonly raws: Float64Array;
  /** One number: UTC of the readings that follow, plant clock. */
  readonly slotMs: Float64Array;
  take(tag: number): void;
}

/** Where readings go. All calls between `begin` and `end` belong to one answer, line or frame. */
export interface ReadingSink {
  /** The bytes of an answer are in memory. */
  begin(connection: number): void;
  /** A device's status word, before the tags it accompanies. */
  deviceStatus(device: number, word: number): void;
  /**
   * A tag's raw number: conditioned, judged by the safety part (outputs are written within this
   * call) and handed over. `slotMs`: UTC of the reading, plant clock.
   */
  take(tag: number, raw: number, slotMs: number): void;
  /** `take` for who reads many: numbers that stand in a column make no garbage. */
  readonly columns?: ReadingColumns;
  /** The device answered without a value: code of `reasons`, and what was seen. */
  miss(tag: number, reason: number, slotMs: number, missing?: Missing): void;
  /**
   * A request for the tag came to nothing; outside `begin` and `end`. No reading: the tag becomes stale in
   * its own time, and then this is why.
   */
  unanswered?(tag: number, missing: Missing): void;
  /** The disk and the reports, then what only watches. */
  end(): void;
}
