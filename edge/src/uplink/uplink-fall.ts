/** An uplink thread that fell and was started again: told for a while by the one that came after it. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Problem } from "../hand-over.ts";

/** The newest fall. */
export interface UplinkFall {
  /** Falls since the agent started. */
  count: number;
  why: string;
}

/** A fall is told for so long after the thread was started again, I/O clock. */
export const fallToldMs = 3_600_000;

/** `fall` undefined: there was none. */
export function fallTroubles(
  fall: UplinkFall | undefined,
  { clock, ioClock }: { clock: Clock; ioClock: Clock },
): () => Problem[] {
  if (!fall) return () => [];
  const sinceMs = clock.nowMs();
  const startedMs = ioClock.monotonicMs();
  const times = fall.count === 1 ? "once" : `${fall.count} times`;
  const text = `the uplink thread ended ${times} since the agent started, the last time with: ${fall.why}. Control and safety went on; what happened meanwhile was handed over late or, beyond what is kept for it, lost`;
  return () =>
    ioClock.monotonicMs() - startedMs > fallToldMs
      ? []
      : [{ code: "uplink-fell", severity: "problem", subject: "uplink", text, sinceMs }];
}
