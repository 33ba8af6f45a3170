/** Keys of connections whose devices publish to a broker, and of those devices. */
import { choice } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import { broker, words } from "../../configuration/document-words.ts";
import { trustKeys } from "../modbus/modbus-keys.ts";
import { commonKeys, patienceKeys, serialPatience } from "../transport-keys.ts";

/** A broker brings what is published; there is nothing to ask again, and no wire to leave quiet. */
const { retries, ...patience } = patienceKeys(serialPatience);
const { gap, ...common } = commonKeys;

export const mqttConnection = object(
  {
    ...broker,
    format: choice(["json", "sparkplug"], {
      default: "json",
      doc: "What devices publish to the broker: JSON or numbers, or Sparkplug B.",
    }),
    ...patience,
    ...common,
    ...trustKeys,
  },
  { doc: "A broker of the site, MQTT 3.1.1." },
);

export const mqttDeviceKeys = {
  topic: optional(
    words(
      'Where it publishes, on a connection of type mqtt: a topic as "plant/esp1/state", "+" and "#" allowed; with format sparkplug "group/node/device".',
    ),
  ),
};
