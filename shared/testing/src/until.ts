/** Waiting for what another process, thread or socket does. */
import { setTimeout as sleep } from "node:timers/promises";

/** A hang detector: a machine that is busy elsewhere takes many seconds to start a program. */
const waitMsMax = 90_000;

/** Looks every ten milliseconds until it is so; throws, naming `what`, when it does not come about. */
export async function until(isSo: () => boolean, what = "the condition"): Promise<void> {
  for (let waitedMs = 0; !isSo(); waitedMs += 10) {
    if (waitedMs > waitMsMax) throw new Error(`${what} did not come about in ${waitMsMax} ms`);
    await sleep(10);
  }
}
