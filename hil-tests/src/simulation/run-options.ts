/** Named ways to run: what `npm run sim` and the tests share, so that a replay needs a name, a seed and days. */
import { roughFaults } from "./faults.ts";
import type { WorldOptions } from "./world.ts";

const hourMs = 3_600_000;

/** All tags, polled every five minutes: a week of plant life in about a minute of one core. */
const slow = {
  ioRate: 300,
  pollEveryS: 300,
  blockEveryMs: 300_000,
  statusEveryMs: 60_000,
  plantStepS: 30,
} as const;

/** Of an edge's tags: of every three one is summarised. */
const everyThird = (tag: string): "all" | "summary" =>
  [...tag].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 3 === 0 ? "summary" : "all";

const power = {
  edge: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 10 },
  fog: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 5 },
  cloud: { everyMsMean: 3 * hourMs, forMsMean: hourMs / 3 },
};

export const runProfiles = {
  long: { ...slow, faults: roughFaults },
  /** Polled every minute; processes die every few hours and edges start with wrong calendars. */
  rough: {
    ...slow,
    pollEveryS: 60,
    blockEveryMs: 60_000,
    faults: {
      ...roughFaults,
      power,
      clock: { ...roughFaults.clock, skewMsMax: 3_000 },
    },
  },
  /** As rough; of a third of the tags only panes go up while nothing happens. */
  summarised: {
    ...slow,
    pollEveryS: 60,
    blockEveryMs: 60_000,
    faults: { ...roughFaults, power },
    policyOf: everyThird,
  },
  /** A line that lies: a run of this must fail. */
  lying: { ...slow, faults: { edgeToFog: { falseAck: 0.01 } } },
} as const satisfies Record<string, Partial<WorldOptions>>;

export type RunProfile = keyof typeof runProfiles;
