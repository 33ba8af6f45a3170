/** All suites, in the order in which they run. */
import { byteOrder } from "./byte-order.ts";
import { cutoff } from "./cutoff.ts";
import { loopback } from "./loopback.ts";
import { noisyLine } from "./noisy-line.ts";
import { readPoints } from "./read-points.ts";
import { soak } from "./soak.ts";
import type { Suite } from "./suite.ts";
import { unplug } from "./unplug.ts";
import { watchdog } from "./watchdog.ts";

export const suites: readonly Suite[] = [
  byteOrder,
  readPoints,
  noisyLine,
  unplug,
  loopback,
  cutoff,
  watchdog,
  soak,
];
