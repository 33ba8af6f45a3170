/** What every run of `npm run sim` and of the tests shares: a replay needs nothing but seed and days. */
import { roughFaults } from "./faults.ts";
import type { WorldOptions } from "./world.ts";

/** All tags, polled every five minutes: a week of plant life in about a minute of one core. */
export const runOptions = {
  ioRate: 300,
  pollEveryS: 300,
  blockEveryMs: 300_000,
  statusEveryMs: 60_000,
  plantStepS: 30,
  faults: roughFaults,
} as const satisfies Partial<WorldOptions>;
