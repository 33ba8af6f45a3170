/**
 * The edge's configuration file, key by key: type, bounds and one sentence each. The checks between
 * keys are in the resolve-*.ts files.
 */
import { connectionDocument } from "./document-connection.ts";
import { deviceDocument } from "./document-device.ts";
import { outputDocument, safetyField } from "./document-safety.ts";
import { broker, hourMs, secondMs } from "./document-words.ts";
import { choice, duration, type Field, flag, integer, list, mapOf, table, text } from "./field.ts";

export const edgeDocument = table(
  "Configuration of one Weir edge agent.",
  {
    version: integer("Version of this format.", { min: 1, max: 1 }),
    site: table(
      "The site this edge belongs to.",
      {
        id: text("Site id.", /^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and dashes"),
        tz: text("Time zone, as Europe/London."),
      },
      ["id"],
    ),
    edge: text("Edge id.", /^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and dashes"),
    uplink: table(
      "Where readings and events go. Without it the agent runs alone.",
      {
        url: text("mqtts://host:port of the fog.", /^mqtts?:\/\/[^\s/]+$/, "mqtts://host:port"),
        identity: text("Folder with this edge's certificate, from this file's folder."),
      },
      ["url"],
    ),
    sparkplug: table(
      "Publishes every tag to a broker of the site as a Sparkplug B edge node, beside the uplink.",
      {
        ...broker,
        group: text(
          "Sparkplug group; the site's id by default.",
          /^[^/+#\s]{1,64}$/,
          "a name without / + # and blanks",
        ),
        node: text(
          "Sparkplug edge node; the edge's id by default.",
          /^[^/+#\s]{1,64}$/,
          "a name without / + # and blanks",
        ),
        primaryHost: text("Host application whose STATE is waited for; nobody by default."),
      },
      ["url"],
    ),
    connections: mapOf("Connections by id.", connectionDocument),
    devices: list("Devices and their tags.", deviceDocument),
    outputs: mapOf("Outputs by id.", outputDocument),
    safety: safetyField,
    reload: table("What happens when this file changes.", {
      watch: flag("Apply the file as soon as it changes; true by default."),
      healthWithin: duration(
        "Devices that were read must be read again within this time, or the change is taken back; 2m by default. Real time.",
        { minMs: 5 * secondMs, maxMs: hourMs },
      ),
    }),
    downlink: table(
      "What the fog may change. Limits, outputs and safety rules never are; thresholds are held against detect.bounds.",
      {
        configuration: choice(
          "Connections, devices, poll rates, detection, by signed artifact; refuse by default.",
          ["allow", "refuse"],
        ),
        detectors: choice(
          "Parameters of streaming detectors, by signed artifact; allow by default, as they only raise alerts.",
          ["allow", "refuse"],
        ),
      },
    ),
  },
  ["version", "site", "edge", "connections", "devices"],
);

/**
 * What an artifact may lay over a site's own file: connections and devices, key by key. Limits, the
 * bounds of learned thresholds and the I/O watchdog cannot even be named.
 */
export const overlayDocument = table(
  "Changes to the connections and devices of one edge.",
  {
    version: integer("Version of this format.", { min: 1, max: 1 }),
    connections: mapOf("Connections by id.", without(connectionDocument, ["watchdog"])),
    devices: list("Devices by id.", without(deviceDocument, ["limits", "bounds"])),
  },
  ["version"],
);

/** `field` with no key required but ids, and some keys unknown wherever they stand. */
function without(field: Field, keys: readonly string[]): Field {
  switch (field.is) {
    case "table": {
      const kept = Object.entries(field.fields).filter(([key]) => !keys.includes(key));
      const fields = Object.fromEntries(kept.map(([key, child]) => [key, without(child, keys)]));
      return { ...field, fields, needs: "id" in fields ? ["id"] : [] };
    }
    case "map":
      return { ...field, value: without(field.value, keys) };
    case "list":
      return { ...field, item: without(field.item, keys) };
    default:
      return field;
  }
}
