/** Connections whose devices publish to a broker: the broker, and the topic of each device. */
import type { SettingPath } from "@weir/runtime/problem.ts";
import { filterFlaw } from "../mqtt/topic-filter.ts";
import type { ConnectionSettings } from "./configuration.ts";
import type { ConnectionDraftOf } from "./document-connection.ts";
import type { DeviceDraft } from "./document-device.ts";
import { resolveBroker } from "./resolve-broker.ts";
import { fault, type Resolving } from "./resolving.ts";

export const resolveInbox = (
  at: Resolving,
  raw: ConnectionDraftOf<"mqtt">,
  path: SettingPath,
): ConnectionSettings["inbox"] => ({ broker: resolveBroker(at, raw, path), format: raw.format });

/** The topic of a device, where it is needed. */
export function topicOf(
  at: Resolving,
  raw: DeviceDraft,
  { connection, path }: { connection: ConnectionSettings | undefined; path: SettingPath },
): string | undefined {
  const { topic } = raw;
  if (!connection?.inbox) return undefined;
  if (topic === undefined) {
    return fault(at, path, '"topic" is missing: where the device publishes, as plant/esp1/state');
  }
  if (connection.inbox.format === "json") {
    const flaw = filterFlaw(topic);
    if (flaw !== undefined) fault(at, [...path, "topic"], `"${topic}" is no topic filter: ${flaw}`);
  } else if (!/^[^/+#]+\/[^/+#]+(\/[^/+#]+)?$/.test(topic)) {
    fault(
      at,
      [...path, "topic"],
      `"${topic}" is no Sparkplug device; write "group/node/device", or "group/node" for the node's own metrics`,
    );
  }
  return topic;
}
