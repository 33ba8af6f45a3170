/** The end of a connection over mqtt.js, also beside a broker that answers nothing any more. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { MqttClient } from "mqtt";

/** A broker that lives takes a farewell and closes its side well within this, I/O milliseconds. */
const hangUpWithinMs = 500;

/**
 * Says DISCONNECT and closes. Whatever waits for an answer is given up before: mqtt.js would wait for
 * all of them, and for a broker that is frozen for ever. `end(true)` is of no use then, as it does nothing
 * while a gentler `end` is under way.
 */
export async function hangUp(client: MqttClient, ioClock: Clock): Promise<void> {
  for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
  const cancel = ioClock.after(hangUpWithinMs, () => client.stream.destroy());
  await client.endAsync(false).catch(() => client.end(true));
  cancel();
}
