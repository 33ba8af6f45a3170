/** The cloud's limits, with the relations between them asserted on load. */
import assert from "node:assert";

/** Items of one push. */
export const pushItemCountMax = 2_000;
/** One serialised uplink item, bytes. */
export const itemSizeMaxBytes = 512 * 1024;
/** The tag table of a site, which is one item, bytes: a site of 60 000 tags. */
export const tagTableSizeMaxBytes = 7 * 1024 * 1024;
/** One request on the door, bytes. */
export const requestSizeMaxBytes = 8 * 1024 * 1024;
/** Longest a pull is kept waiting, milliseconds. A fog that hangs is found out by the pull that does not follow. */
export const pullWaitMaxMs = 10_000;
/** Downlink items of one answer. */
export const pullItemCountMax = 32;
/** Serialised downlink items of one answer, bytes; one artifact always fits. */
export const pullSizeMaxBytes = 8 * 1024 * 1024;
/** One artifact's payload, bytes. */
export const payloadSizeMaxBytes = 6 * 1024 * 1024;
/** Records a consumer takes in one transaction. */
export const consumeCountMax = 256;
/** Tags of one site. */
export const siteTagCountMax = 100_000;
/** Tags of one history question. */
export const seriesTagCountMax = 8;
/** Buckets of one history question. */
export const bucketCountMax = 2_000;
/** Training jobs waiting at once. */
export const trainingQueueMax = 100;

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** How long after its end an open day waits for late minutes before it is sealed, milliseconds. */
export const sealGraceMs = 2 * hourMs;
/** How long the embedded log keeps what every consumer group has committed, milliseconds. */
export const logRetentionMs = 7 * dayMs;
/** Life of a published model, milliseconds. */
export const modelLifeMs = 90 * dayMs;
/** Longest history by hours that teaches, days. */
export const hourlyDaysMax = 180;
/** Longest history by minutes that teaches, days. */
export const minutelyDaysMax = 3;
/** Hours in one window of the autoencoder. */
export const windowHours = 168;

// The largest artifact fits one answer of the door, with room for manifest and framing.
assert(payloadSizeMaxBytes + 64 * 1024 <= pullSizeMaxBytes);
// A push full of small items fits one request, and so does one item of the greatest size.
assert(itemSizeMaxBytes + 64 * 1024 <= requestSizeMaxBytes);
assert(tagTableSizeMaxBytes + 64 * 1024 <= requestSizeMaxBytes);
