/** What a site may tune of the uplink; every field has a default. */
import { quotaBytesDefault, reserveBytesDefault } from "./outbox/limits.ts";
import { blockEveryMsDefault, statusEveryMs } from "./uplink/limits.ts";

export interface UplinkSettings {
  /** One telemetry batch covers so much plant time, milliseconds. */
  blockEveryMs: number;
  /** Plant milliseconds between two status messages. */
  statusEveryMs: number;
  /** Telemetry and events on disk, bytes. */
  quotaBytes: number;
  /** Free pages kept in the database for a disk that others filled, bytes; 0: none. */
  reserveBytes: number;
}

export const defaultUplinkSettings: Readonly<UplinkSettings> = {
  blockEveryMs: blockEveryMsDefault,
  statusEveryMs,
  quotaBytes: quotaBytesDefault,
  reserveBytes: reserveBytesDefault,
};
