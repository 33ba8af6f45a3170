/** The operating errors of the benches. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "@weir/runtime/fault.ts";

const faults = {
  BENCH_CONFIGURATION: {
    retry: false,
    text: (f: { problems: string }) => `the generated configuration is refused:\n${f.problems}`,
  },
} satisfies FaultCatalogue;

export const BenchFault = faultClass(faults);
