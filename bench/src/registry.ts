/** Every benchmark, in the order in which they run. */

import { bench as accuracy } from "./accuracy/accuracy.ts";
import { bench as alerts } from "./accuracy/alerts.ts";
import type { Bench } from "./bench.ts";
import { bench as autoencoder } from "./speed/autoencoder.ts";
import { bench as cutoff } from "./speed/cutoff.ts";
import { bench as forest } from "./speed/forest.ts";
import { bench as memory } from "./speed/memory.ts";
import { bench as rules } from "./speed/rules.ts";
import { bench as serial } from "./speed/serial.ts";
import { bench as telemetry } from "./speed/telemetry.ts";
import { bench as verdict } from "./speed/verdict.ts";
import { bench as vibration } from "./speed/vibration.ts";

export const benches: readonly Bench[] = [
  cutoff,
  serial,
  rules,
  alerts,
  accuracy,
  telemetry,
  verdict,
  forest,
  autoencoder,
  memory,
  vibration,
];
