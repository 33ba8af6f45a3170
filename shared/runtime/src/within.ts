/** Waiting with an end: for everything that another machine may never answer. */
import type { Clock } from "./clock.ts";

/**
 * Waits for `work`, at most `limitMs` of `clock`. True when it has ended by then, well or not: what it
 * came to is for whoever began it. It is not stopped; a later rejection of it is nobody's surprise.
 */
export async function within(
  clock: Clock,
  limitMs: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  );
  let cancel = () => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([ended, late]);
  } finally {
    cancel();
  }
}
