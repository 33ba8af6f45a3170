/** What a configuration wants of the site's brokers: plain data, handed to the uplink thread with the tag table. */
import type {
  BrokerSettings,
  Configuration,
  SparkplugSettings,
} from "../configuration/configuration.ts";

export interface BrokersPlan {
  sparkplug: SparkplugSettings | undefined;
  inboxes: InboxPlan[];
}

/** A connection whose devices publish to a broker. */
export interface InboxPlan {
  connection: number;
  id: string;
  broker: BrokerSettings;
  format: "json" | "sparkplug";
  devices: InboxDevice[];
}

export interface InboxDevice {
  /** MQTT topic filter; with Sparkplug the id "group/node/device" or "group/node". */
  topic: string;
  tags: { tag: number; field: string }[];
}

export function brokersPlan({ sparkplug, connections, devices, tags }: Configuration): BrokersPlan {
  const inboxes = connections.flatMap(({ index, id, inbox }) =>
    inbox === undefined
      ? []
      : [
          {
            connection: index,
            id,
            ...inbox,
            devices: devices
              .filter((device) => device.connection === index)
              .map((device) => ({
                topic: device.topic ?? "",
                tags: tags
                  .filter((tag) => tag.device === device.index)
                  .map(({ index: tag, field }) => ({ tag, field: field ?? "" })),
              })),
          },
        ],
  );
  return { sparkplug, inboxes };
}
