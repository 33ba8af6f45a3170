/** Limits of the uplink. */
import assert from "node:assert/strict";

/** Batches of each kind that wait for their PUBACK at one time. */
export const liveWindow = 32;
export const eventWindow = 8;

/** The backlog's window grows while its acknowledgements are quick and shrinks when they are slow. */
export const backlogWindowMin = 2;
export const backlogWindowFirst = 4;
export const backlogWindowMax = 128;
/**
 * What the backlog may add to the time of an acknowledgement, I/O milliseconds: live data wait behind
 * it in the line. Long enough to keep a line busy, short against the second that a batch takes to fill.
 */
export const queueDelayMsMax = 500;

/** Backlog batches marked as on their way at one time: each mark is a commit of its own. */
export const backlogPage = 128;

/** Live batches in memory waiting for the window; more of them become backlog. */
export const liveQueueMax = 512;

/** A batch sent within this time of its making is live, I/O milliseconds; later it is backlog. */
export const liveWithinMs = 10_000;

/** Longest wait for company in one transaction, I/O milliseconds. */
export const eventCommitWithinMs = 5;
export const blockCommitWithinMs = 100;
export const acknowledgeCommitWithinMs = 1_000;

/** A batch unacknowledged for so long ends the connection, I/O milliseconds. */
export const acknowledgeWithinMs = 30_000;

/** A fog that has not taken subscriptions and birth by then is given up, I/O milliseconds. */
export const greetWithinMs = acknowledgeWithinMs;

/**
 * An orderly stop waits so long for acknowledgements of what is on its way, then so long for that of its
 * farewell, I/O milliseconds. What is not acknowledged by then is sent by the next start.
 */
export const settleWithinMs = 1_000;
export const farewellWithinMs = 500;

/** One batch of telemetry covers so much plant time, milliseconds. */
export const blockEveryMsDefault = 1_000;

/** Plant milliseconds between two messages on `status`. */
export const statusEveryMs = 10_000;

assert(liveQueueMax > liveWindow);
assert(backlogPage >= backlogWindowMax);
assert(eventCommitWithinMs < blockCommitWithinMs);
assert(blockCommitWithinMs < acknowledgeCommitWithinMs);
assert(acknowledgeCommitWithinMs < liveWithinMs);
