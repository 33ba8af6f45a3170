/**
 * The edge's configuration file, key by key: type, bounds and one sentence each. The checks between
 * keys are in the resolve-*.ts files.
 */
import { byteOrders, connectionTypes, ne107, parities, valueTypes } from "./configuration.ts";
import {
  choice,
  duration,
  type Field,
  flag,
  id,
  integer,
  level,
  list,
  mapOf,
  mapOfNumbers,
  number,
  table,
  text,
} from "./field.ts";

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;
const dayMs = 24 * hourMs;

export const registerMax = 0xffff;
export const periodMsMin = 10;

const place = (doc: string): Field =>
  text(`${doc} "holding:11" counts from 0, "holding 40012" is the same register in 4xxxx style.`);
const unit = integer("Modbus unit id.", { min: 0, max: 255 });
const byteOrder = choice(
  "Where the bytes A (most significant) to D lie, first to last.",
  byteOrders,
);

const watchdog = table(
  "The I/O module's own watchdog: without a beating heartbeat it sets its outputs to their safe state. Real time.",
  {
    unit,
    heartbeat: place("Register that the agent counts up."),
    every: duration("Time between two heartbeats.", { minMs: 20, maxMs: 60 * secondMs }),
    timeoutRegister: place("Register of the module's time-out; written and read back."),
    timeout: duration("Time without a heartbeat until the outputs are safe.", {
      minMs: 50,
      maxMs: 600 * secondMs,
    }),
    resolution: duration("What the module counts its time-out in.", {
      minMs: 1,
      maxMs: 60 * secondMs,
    }),
  },
  ["heartbeat", "timeout"],
);

/** What a device may need otherwise than its neighbours on the line. */
const quirks = {
  gap: duration("Quiet time between two requests.", { minMs: 0, maxMs: 10 * secondMs }),
  maxRegisters: integer("Largest count of registers in one request.", { min: 1, max: 125 }),
  maxHole: integer("Unused registers that one request may span.", { min: 0, max: 124 }),
};

const connection = table(
  "One bus or network device.",
  {
    type: choice("Protocol.", connectionTypes),
    host: text("Host name or address."),
    port: text('TCP port; without a host the path of a serial line, as "/dev/serial/by-id/usb-…".'),
    baud: integer("Speed of the serial line.", { min: 300, max: 4_000_000 }),
    dataBits: integer("Data bits of a character.", { min: 7, max: 8 }),
    parity: choice("N none, E even, O odd.", parities),
    stop: integer("Stop bits.", { min: 1, max: 2 }),
    timeout: duration("Longest wait for an answer.", { minMs: 10, maxMs: 60 * secondMs }),
    retries: integer("How many times more a read is sent that was not answered.", {
      min: 0,
      max: 10,
    }),
    pauseAfterConnect: duration("Quiet time after a connection came up.", {
      minMs: 0,
      maxMs: 60 * secondMs,
    }),
    ...quirks,
    echo: flag("The line returns what is sent: an RS-485 adapter that hears itself."),
    turnaround: duration("Longest usual time of a device between a request and its answer.", {
      minMs: 0,
      maxMs: 10 * secondMs,
    }),
    quarantine: duration("Quiet time of a serial line after a request that was not answered.", {
      minMs: 5,
      maxMs: 60 * secondMs,
    }),
    resync: flag(
      "After a missing answer ask the device function 8, which nothing else can answer; true by default.",
    ),
    roundTrip: duration("Expected time of a request and its answer, for the bus budget.", {
      minMs: 1,
      maxMs: 60 * secondMs,
    }),
    watchdog,
  },
  ["type"],
);

const status = table(
  "A status word that accompanies the values.",
  {
    read: place("The status register."),
    bits: mapOfNumbers("Meaning of each bit by NAMUR NE 107.", choice("NE 107 state.", ne107)),
  },
  ["read", "bits"],
);

const limits = table("Bounds of safe operation. Never changed by a model.", {
  hardLow: number("Below this is unsafe."),
  hardHigh: number("Above this is unsafe."),
  onDelay: duration("Default of a safety rule's `for`.", { minMs: 0, maxMs: hourMs }),
  deadband: number("Default of a safety rule's `deadband`.", { min: 0 }),
});

const bound = (doc: string): Field =>
  table(doc, { min: number("Lowest value allowed."), max: number("Highest value allowed.") }, [
    "min",
    "max",
  ]);

const detect = table("Rules that raise alerts. They never act on the plant.", {
  delta: table(
    "Largest difference between two readings within a window.",
    {
      max: number("Alert above this, in the tag's unit.", { min: 0 }),
      window: duration("Length of the window.", { minMs: 100, maxMs: hourMs }),
    },
    ["max"],
  ),
  z: table("Steps: the filtered value against the 60 before it.", {
    max: number("Alert above this many standard deviations.", { min: 1, max: 100 }),
    sigmaMin: number("Floor of the standard deviation, in the tag's unit.", { min: 0 }),
    learn: duration("Time over which the floor is learned.", {
      minMs: 60 * secondMs,
      maxMs: 30 * dayMs,
    }),
  }),
  stuck: table("A value that no longer moves.", {
    after: duration("Alert after this long; learned when left out.", {
      minMs: secondMs,
      maxMs: 30 * dayMs,
    }),
    unlessZero: text("Tag that, while it reads 0, explains a value that stands still."),
  }),
  noise: table("A signal that became noisier.", {
    ratio: number("Alert above this many times the usual noise.", { min: 1.5, max: 100 }),
  }),
  spike: table("Single outliers, counted.", {
    perDay: number("Alert above this many in a day.", { min: 1, max: 10_000 }),
  }),
  bounds: table("What learned thresholds may be set to; by default a quarter to four times.", {
    deltaMax: bound("Bounds of delta.max."),
    sigmaFloor: bound("Bounds of the standard deviation's floor."),
    zMax: bound("Bounds of z.max."),
    stuckAfter: bound("Bounds of stuck.after, seconds."),
  }),
});

const tag = table("One measured quantity.", {
  read: place("Where the value is."),
  type: choice("How the registers hold the value.", valueTypes),
  byteOrder,
  scale: number("Value = register × scale + offset."),
  offset: number("Value = register × scale + offset."),
  bit: integer("The one bit of the register that is the value.", { min: 0, max: 31 }),
  mask: integer("Bits of the register that hold the value.", { min: 1, max: 0xffffffff }),
  map: mapOfNumbers("Value of each code the register may hold.", number("Value.")),
  signal: choice("4-20mA: the scaled register is a current in mA, judged by NAMUR NE 43.", [
    "direct",
    "4-20mA",
  ]),
  min: number("Lower end of the measuring range."),
  max: number("Upper end of the measuring range."),
  unit: text("Unit of the value."),
  resolution: number("Smallest step of the value; 0 keeps every digit.", { min: 0 }),
  kind: text(
    "What is measured: chlorine_free, ph, turbidity, dissolved_oxygen, flow, level, …",
    /^[a-z0-9_]{1,40}$/,
    "lower-case letters, digits and underscores",
  ),
  stage: id("Stage of the process; the device's by default."),
  every: duration("Time between two readings.", { minMs: periodMsMin, maxMs: dayMs }),
  staleAfter: duration("Time without a reading until the tag is stale; three periods by default.", {
    minMs: periodMsMin,
    maxMs: 7 * dayMs,
  }),
  policy: choice("What may be left out on the way up.", ["all", "thin", "summary"]),
  limits,
  detect,
});

/** A file that devices share. */
export const profileDocument = table(
  "Registers of a kind of device, for many instances.",
  {
    profile: id("Name of the profile."),
    version: text("Version of the profile."),
    byteOrder,
    ...quirks,
    status,
    tags: mapOf("Tags by name.", tag),
  },
  ["profile", "tags"],
);

const device = table(
  "One device on a connection.",
  {
    id: id("Unique on this edge."),
    stage: id("Stage of the process; the device's id by default."),
    asset: text('Place in the plant, as "D/D11"; the stage by default.'),
    connection: id("One of `connections`."),
    unit,
    profile: text("Path of a profile, from this file's folder."),
    byteOrder,
    ...quirks,
    status,
    tags: mapOf("Tags by name; keys given here replace the profile's.", tag),
  },
  ["id", "connection"],
);

const output = table(
  "One thing the agent can switch.",
  {
    write: text('"coil plc-d/11:0" or "holding plc-d/11:5": table, connection, unit, register.'),
    safe: level("What the I/O module falls back to by itself."),
    readBack: flag("Read the written coil or register again; true by default."),
    feedback: table(
      "Proof that the machine followed.",
      {
        read: text('"discrete plc-d/11:0".'),
        within: duration("Longest time until it shows.", { minMs: 10, maxMs: hourMs }),
        inverted: flag("The feedback is off when the output is on."),
      },
      ["read", "within"],
    ),
    secondary: id("Output that is set to its safe state when this one does not follow."),
  },
  ["write", "safe"],
);

const rule = table(
  "A cause and its effects.",
  {
    id: id("Unique on this edge."),
    group: id("Trips of one group share a first-out; the rule's id by default."),
    when: table("The cause. `above: hardHigh` takes the tag's limit.", {
      tag: text('"D11/CL01"; "CL01" where only one device has it.'),
      vote: text(
        "How many of how many tags must be beyond the limit, as 2oo3.",
        /^[1-9]oo[1-9]$/,
        "a vote as 1oo1, 1oo2, 2oo2 or 2oo3",
      ),
      tags: list("The tags of a vote, instead of `tag`.", text("A tag.")),
      onBadChannel: choice(
        "A channel that cannot be measured votes for the trip (2oo3 becomes 1oo2), or is left out (2oo3 becomes 2oo2). With more of them lost a vote trips.",
        ["trip", "keep"],
      ),
      deviation: number(
        "A channel that differs from the others by more than this share of its range is told; 0.05 by default.",
        { min: 0.001, max: 1 },
      ),
      above: { is: "level", doc: "Trip above this: a number, or hardHigh." },
      below: { is: "level", doc: "Trip below this: a number, or hardLow." },
      for: duration("How long without a break.", { minMs: 0, maxMs: hourMs }),
      samples: integer("How many readings in a row at least.", { min: 1, max: 100 }),
      deadband: number("How far back the value must be before a reset.", { min: 0 }),
      quality: choice("Worst quality that counts as a measurement.", ["good", "uncertain"]),
    }),
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: list(
      "The effects.",
      table(
        "Sets one output.",
        {
          set: id("One of `outputs`."),
          to: level("on, off, or a register's value."),
          afterReset: level("Set after an accepted reset; left alone by default."),
          over: duration("A boost goes there in steps over this time; at once by default.", {
            minMs: secondMs,
            maxMs: hourMs,
          }),
        },
        ["set", "to"],
      ),
    ),
    action: choice("stop and boost write `then`; alarm_only latches without writing.", [
      "stop",
      "alarm_only",
      "boost",
    ]),
    latch: flag("Always true: a trip stays until it is reset."),
    reset: choice("Always manual.", ["manual"]),
    onBad: choice("What a tag that cannot be measured does: trip, tell, or nothing.", [
      "trip",
      "alarm",
      "hold",
    ]),
    badSamples: integer("Unusable readings in a row until onBad applies.", { min: 1, max: 1_000 }),
    suppressedBy: list("Rules that, while latched, keep this one quiet.", id("A rule.")),
    tripsPerHour: integer("More trips than this within an hour forbid a reset.", {
      min: 1,
      max: 1_000,
    }),
    proofTest: table("How often the rule must be tried at the machine.", {
      every: duration("Time between two tests.", { minMs: hourMs, maxMs: 3_653 * dayMs }),
    }),
  },
  ["id", "when"],
);

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
    connections: mapOf("Connections by id.", connection),
    devices: list("Devices and their tags.", device),
    outputs: mapOf("Outputs by id.", output),
    safety: list("Cause-and-effect rules.", rule),
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
 * What an artifact may lay over a site's own file: connections and devices, key by key. Limits and the
 * I/O watchdog cannot even be named.
 */
export const overlayDocument = table(
  "Changes to the connections and devices of one edge.",
  {
    version: integer("Version of this format.", { min: 1, max: 1 }),
    connections: mapOf("Connections by id.", without(connection, ["watchdog"])),
    devices: list("Devices by id.", without(device, ["limits"])),
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
