/**
 * The edge's configuration file, key by key: type, default, bounds and one sentence each. The checks between
 * keys are in the resolve-*.ts files.
 */
import { choice, duration, flag, integer, text, timeZone } from "@weir/runtime/setting-kinds.ts";
import { changes, list, object, optional, required } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { changedConnection, connection } from "./document-connection.ts";
import { changedDevice, device } from "./document-device.ts";
import { outputs, safety } from "./document-safety.ts";
import { broker, byId, entriesMax, words } from "./document-words.ts";

const version = integer({ min: 1, max: 1, doc: "Version of this format." });
const name = (doc: string) =>
  text({
    doc,
    pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
    takesNumbers: true,
    form: "lower-case letters, digits and dashes",
    like: '"my-site"',
  });
const sparkplugName = (doc: string) =>
  optional(
    text({
      doc,
      pattern: /^[^/+#\s]{1,64}$/,
      takesNumbers: true,
      form: "a name without / + # and blanks",
      like: '"my-site"',
    }),
  );

const site = object(
  {
    id: name("Site id."),
    tz: timeZone({ default: "UTC", doc: "IANA time zone." }),
  },
  { doc: "The site this edge belongs to." },
);

const uplink = object(
  {
    url: text({
      doc: "Address of the fog.",
      pattern: /^mqtts?:\/\/[^\s/]+$/,
      form: "the address of a fog",
      like: '"mqtts://fog:8883"',
    }),
    identity: text({
      default: "identity",
      max: 10_000,
      takesNumbers: true,
      doc: "Folder with this edge's certificate, from this file's folder.",
    }),
  },
  { doc: "Where readings and events go. Without it the agent runs alone." },
);

const sparkplug = object(
  {
    ...broker,
    group: sparkplugName("Sparkplug group; the site's id by default."),
    node: sparkplugName("Sparkplug edge node; the edge's id by default."),
    primaryHost: optional(words("Host application whose STATE is waited for; nobody by default.")),
  },
  {
    doc: "Publishes every tag to a broker of the site as a Sparkplug B edge node, beside the uplink.",
  },
);

const reload = object(
  {
    watch: flag({ default: true, doc: "Apply the file as soon as it changes." }),
    healthWithin: duration({
      default: "2m",
      min: "5s",
      max: "1h",
      doc: "Devices that were read must be read again within this time, or the change is taken back. Real time.",
    }),
  },
  { doc: "What happens when this file changes." },
);

const downlink = object(
  {
    configuration: choice(["allow", "refuse"], {
      default: "refuse",
      doc: "Connections, devices, poll rates, detection, by signed artifact.",
    }),
    detectors: choice(["allow", "refuse"], {
      default: "allow",
      doc: "Parameters of streaming detectors, by signed artifact; they only raise alerts.",
    }),
  },
  {
    doc: "What the fog may change. Limits, outputs and safety rules never are; thresholds are held against detect.bounds.",
  },
);

export const edgeDocument = object(
  {
    version,
    site: required(site),
    edge: name("Edge id."),
    uplink: optional(uplink),
    sparkplug: optional(sparkplug),
    connections: required(byId(connection, "Connections by id.")),
    devices: required(
      list(device, { doc: "Devices and their tags.", max: entriesMax, unique: "id" }),
    ),
    outputs,
    safety,
    reload,
    downlink,
  },
  { doc: "Configuration of one Weir edge agent." },
);

/** After faults. */
export type EdgeDraft = DraftOf<typeof edgeDocument>;

/**
 * What an artifact may lay over a site's own file: connections and devices, key by key. Limits, the
 * bounds of learned thresholds and the I/O watchdog cannot even be named.
 */
export const overlayDocument = object(
  {
    version,
    connections: changes(byId(changedConnection, "Connections by id.")),
    devices: changes(list(changedDevice, { doc: "Devices by id.", max: entriesMax })),
  },
  { doc: "Changes to the connections and devices of one edge." },
);
