/**
 * How much a test does. Every push runs the small size of it; `npm run soak` runs the large one of all tests
 * that have two, for hours.
 */

/** Whether this is such a run. */
export const isSoak = process.env["WEIR_SOAK"] === "1";

/** A count of runs, seeds, kills or cases, or the milliseconds after which so many of them hang. */
export const sized = (push: number, soak: number): number => (isSoak ? soak : push);
