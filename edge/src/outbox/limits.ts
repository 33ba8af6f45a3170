/** Limits of the outbox. */
import assert from "node:assert/strict";

/** Telemetry and events together, bytes; far below the smallest card a gateway boots from. */
export const quotaBytesDefault = 256 * 1024 * 1024;

/** Room kept inside the database file, so that deleting works on a disk that others filled, bytes. */
export const reserveBytesDefault = 8 * 1024 * 1024;

/** One growth of the reserve, bytes. The write-ahead log grows to this with it, and keeps that size. */
export const reserveStepBytes = 4 * 1024 * 1024;

/** The disk must have this much left before the file is made larger, bytes. */
export const diskSpareBytes = 4 * reserveStepBytes;

/** Charged for a parcel beside its bytes: row, keys, page slack. */
export const parcelOverheadBytes = 64;

/** What a pane is taken for before it is written. */
export const paneBytesUsual = 24;

/** Eviction frees at least this share of the quota, so that a full outbox reports ranges, not crumbs. */
export const evictionShare = 1 / 64;

/** Parcels waiting in memory for a disk that does not write, bytes. */
export const stagedBytesMax = 8 * 1024 * 1024;

/** Events waiting in memory for a disk that does not write. */
export const stagedEventsMax = 10_000;

/** Events in one batch. */
export const eventsPerBatchMax = 64;

/** Bytes in one batch of events; the fog's broker takes 256 KiB. A captured waveform is 60 kB. */
export const eventBatchBytesMax = 192 * 1024;

/** What an event is taken for, beside its waveform: few are longer. */
export const eventBytesUsual = 1024;

/** How often a full disk is tried again, I/O clock. */
export const diskRetryMs = 2_000;

assert(reserveBytesDefault * 4 <= quotaBytesDefault);
assert(reserveStepBytes * 2 <= reserveBytesDefault);
