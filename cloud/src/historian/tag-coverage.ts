/** How much history each tag of a site has, and how far it has gone from its own past. */

export interface TagCoverage {
  /** Hours with a reading, within the time that teaches. */
  hours: number;
  /** Minutes with a reading, within the newest days. */
  minutes: number;
  /** Start of the newest hour or minute with a reading; undefined: none at all. */
  newestMs: number | undefined;
  /** Median of the newest day against that of the weeks before, in spreads of those; 0 while unknown. */
  drift: number;
}

export interface CoverageSpan {
  /** Hours from here on teach. */
  hoursFromMs: number;
  /** Minutes from here on. */
  minutesFromMs: number;
  /** What was before is usual … */
  usualToMs: number;
  /** … what comes from here on is now. */
  nowFromMs: number;
}

/** Of one tag, as the sealed files have it. */
export interface HourCoverage {
  tag: string;
  hours: number;
  newestMs: number;
  drift: number;
}

export const noCoverage: TagCoverage = { hours: 0, minutes: 0, newestMs: undefined, drift: 0 };
