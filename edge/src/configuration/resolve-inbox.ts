/** Connections whose devices publish to a broker: the broker, and the topic of each device. */
import { formatPath, type SettingPath } from "@weir/runtime/problem.ts";
import { filterFlaw } from "../mqtt/topic-filter.ts";
import type { ConnectionSettings } from "./configuration.ts";
import type { RawConnection, RawDevice } from "./raw-document.ts";
import { resolveBroker } from "./resolve-broker.ts";
import { fault, type Resolving } from "./resolving.ts";

const inboxKeys = ["url", "username", "passwordFile", "identity", "format"] as const;
const wireKeys = ["host", "port", "baud", "dataBits", "parity", "stop", "gap", "retries"] as const;

export function resolveInbox(
  at: Resolving,
  raw: RawConnection,
  path: SettingPath,
): ConnectionSettings["inbox"] {
  const urlPath = formatPath([...path, "url"]);
  if (raw.url === undefined && !at.problems.some((problem) => problem.path === urlPath)) {
    fault(at, path, '"url" is missing: the broker, as mqtt://host:1883 or mqtts://host:8883');
  }
  for (const key of wireKeys) {
    if (raw[key] === undefined) continue;
    fault(at, [...path, key], `a connection to a broker has no ${key}; its address is in url`);
  }
  return { broker: resolveBroker(at, raw, path), format: raw.format ?? "json" };
}

export function refuseInboxKeys(at: Resolving, raw: RawConnection, path: SettingPath): void {
  for (const key of inboxKeys) {
    if (raw[key] === undefined) continue;
    fault(at, [...path, key], `only connections of type mqtt have ${key}`);
  }
}

/** The topic of a device, where it is needed. */
export function topicOf(
  at: Resolving,
  raw: RawDevice,
  { connection, path }: { connection: ConnectionSettings | undefined; path: SettingPath },
): string | undefined {
  const { topic } = raw;
  if (!connection?.inbox) {
    if (connection && topic !== undefined) {
      fault(at, [...path, "topic"], "only devices on a connection of type mqtt have a topic");
    }
    return undefined;
  }
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
