/** Operating errors of detection. Codes are never reused. */
import { declareFaults } from "@weir/runtime/fault.ts";

export const detectionFaults = declareFaults({
  FOG_SCORER_ENDED: {
    retry: true,
    text: (f: { reason: string }) => `the scoring thread failed: ${f.reason}`,
  },
});
