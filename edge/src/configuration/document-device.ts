/** The part of the configuration's document that describes devices, tags and profiles. */
import { ne107, valueTypes } from "./configuration.ts";
import { lineDevice, statusWords } from "./document-line.ts";
import { machineDocument } from "./document-machine.ts";
import {
  byteOrder,
  dayMs,
  hourMs,
  periodMsMin,
  place,
  quirks,
  secondMs,
  unit,
} from "./document-words.ts";
import {
  choice,
  duration,
  type Field,
  id,
  integer,
  mapOf,
  mapOfNumbers,
  number,
  table,
  text,
} from "./field.ts";

const status = table(
  "A status word that accompanies the values.",
  {
    read: place('The status register, or "field st" in a line.'),
    bits: mapOfNumbers("Meaning of each bit by NAMUR NE 107.", choice("NE 107 state.", ne107)),
    words: statusWords,
  },
  ["read"],
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
    sigmaMin: number(
      "Floor of the standard deviation, in the tag's unit; what the plant packs say of its kind, else none.",
      { min: 0 },
    ),
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
  stream: table("Drift and unusual shape, learned over days from means of some minutes.", {
    threshold: number(
      "Alert from this score on; 0.5 is as unusual as the eighth largest surprise.",
      {
        min: 0.5,
        max: 0.999,
      },
    ),
    every: duration("Span of one mean.", { minMs: 10 * secondMs, maxMs: hourMs }),
  }),
  boost: table("Reads the tag faster while it looks suspicious, as far as its bus has room.", {
    factor: number("How many times as often.", { min: 2, max: 5 }),
    for: duration("How long after the last suspicion.", { minMs: 10 * secondMs, maxMs: hourMs }),
  }),
  bounds: table("What learned thresholds may be set to; by default a quarter to four times.", {
    deltaMax: bound("Bounds of delta.max."),
    sigmaFloor: bound("Bounds of the standard deviation's floor."),
    zMax: bound("Bounds of z.max."),
    stuckAfter: bound("Bounds of stuck.after, seconds."),
    streamThreshold: bound("Bounds of stream.threshold."),
  }),
});

const tag = table("One measured quantity.", {
  read: place(
    'Where the value is. "field cl" in a line, "value 1" of SDI-12, "feature x.rms" of vibration.',
  ),
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
    "What is measured: temperature, pressure, flow, level, vibration, ph, …; told by unit and name where left out.",
    /^[a-z0-9_]{1,40}$/,
    "lower-case letters, digits and underscores",
  ),
  stage: id("Stage of the process; the device's by default."),
  every: duration("Time between two readings.", { minMs: periodMsMin, maxMs: dayMs }),
  staleAfter: duration("Time without a reading until the tag is stale; three periods by default.", {
    minMs: periodMsMin,
    maxMs: 7 * dayMs,
  }),
  policy: choice(
    [
      "What may be left out on the way up. all: nothing. thin: all but every tenth reading.",
      "summary: what each 5 seconds amount to goes up instead of the readings, which saves bytes",
      "from some five readings a second on. Around alerts and changes of quality every reading goes",
      "up, whatever the policy.",
    ].join(" "),
    ["all", "thin", "summary"],
  ),
  limits,
  detect,
});

/** A file that devices share. */
export const profileDocument = table(
  "Registers of a kind of device, for many instances.",
  {
    profile: id("Name of the profile."),
    version: text("Version of the profile."),
    about: text("What it describes, in one line."),
    source: text("Where the registers come from, and what is not certain."),
    line: text("How the device is wired and set as delivered, as RTU 19200 8N1, unit 247."),
    byteOrder,
    ...quirks,
    ...lineDevice,
    status,
    tags: mapOf("Tags by name.", tag),
  },
  ["profile", "tags"],
);

export const deviceDocument = table(
  "One device on a connection.",
  {
    id: id("Unique on this edge."),
    stage: id("Stage of the process; the device's id by default."),
    asset: text('Place in the plant, as "A/TANK1"; the stage by default.'),
    connection: id("One of `connections`."),
    topic: text(
      'Where it publishes, on a connection of type mqtt: a topic as "plant/esp1/state", "+" and "#" allowed; with format sparkplug "group/node/device".',
    ),
    unit,
    profile: text("Path of a profile, from this file's folder."),
    byteOrder,
    ...quirks,
    ...lineDevice,
    status,
    machine: machineDocument,
    tags: mapOf("Tags by name; keys given here replace the profile's.", tag),
  },
  ["id", "connection"],
);
