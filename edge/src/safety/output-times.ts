/** How long an output may take, and how often it is tried and looked at. Milliseconds. */

/** An output that is not written and read back after this time has failed; retries go on. I/O clock. */
export const failedAfterMs = 400;
/** Between two attempts to write until the output has failed, I/O clock. */
export const retryEveryMs = 50;
/**
 * The same afterwards: a device that refuses is not persuaded by haste, and a bus that carries nothing
 * else reads nothing. A connection that comes back is written to at once. I/O clock.
 */
export const failedRewriteEveryMs = 1_000;
/** Looks at a held output in a row that may stay without an answer before its confirmation counts as lost. */
export const blindLooksMax = 3;
/** Reads that may still show the old value after an acknowledged write. */
export const readBacksMax = 2;
/** Between two looks at the feedback, plant clock. */
export const feedbackEveryMs = 200;
/** Between two looks at an output that a trip holds: somebody else may write it too. I/O clock. */
export const holdEveryMs = 1_000;
/** The same where nothing can be read back: it is written again. I/O clock. */
export const rewriteEveryMs = 5_000;
/** Between two steps of a boost that takes its time, plant clock. */
export const stepEveryMs = 1_000;
/** Time on the I/O clock for which feedback is looked for at least. */
export const lookMsMin = 300;
/** Between two attempts of an output that has failed, plant clock. */
export const failedRetryEveryMs = 1_000;
