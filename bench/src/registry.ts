/** Every benchmark, in the order in which they run. */
import type { Bench } from "./bench.ts";
import { bench as telemetry } from "./speed/telemetry.ts";

export const benches: readonly Bench[] = [telemetry];
