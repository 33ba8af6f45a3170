/** The part of the configuration's document that describes one tag. */
import { choice, duration, integer, number, text } from "@weir/runtime/setting-kinds.ts";
import { object, optional, type partial } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { valueTypes } from "./configuration.ts";
import { detect, detectRows } from "./document-detect.ts";
import { byNumber, byteOrder, id, periodMin, place, words } from "./document-words.ts";

/** Time between two readings where nothing is said, milliseconds. */
export const periodDefaultMs = 1_000;

const limits = object(
  {
    hardLow: optional(number({ doc: "Below this is unsafe." })),
    hardHigh: optional(number({ doc: "Above this is unsafe." })),
    onDelay: duration({
      default: 0,
      min: 0,
      max: "1h",
      doc: "Default of a safety rule's `for`.",
    }),
    deadband: number({ default: 0, min: 0, doc: "Default of a safety rule's `deadband`." }),
  },
  { doc: "Bounds of safe operation. Never changed by a model." },
);

const measuredRows = {
  read: optional(
    place(
      'Where the value is. "field cl" in a line, "value 1" of SDI-12, "feature x.rms" of vibration.',
    ),
  ),
  type: optional(choice(valueTypes, { doc: "How the registers hold the value." })),
  byteOrder,
  scale: number({ default: 1, doc: "Value = register × scale + offset." }),
  offset: number({ default: 0, doc: "Value = register × scale + offset." }),
  bit: optional(
    integer({ min: 0, max: 31, doc: "The one bit of the register that is the value." }),
  ),
  mask: optional(
    integer({ min: 1, max: 0xffffffff, doc: "Bits of the register that hold the value." }),
  ),
  map: optional(byNumber(number({ doc: "Value." }), "Value of each code the register may hold.")),
  signal: choice(["direct", "4-20mA"], {
    default: "direct",
    doc: "4-20mA: the scaled register is a current in mA, judged by NAMUR NE 43.",
  }),
  min: optional(number({ doc: "Lower end of the measuring range." })),
  max: optional(number({ doc: "Upper end of the measuring range." })),
  unit: optional(words("Unit of the value.")),
  resolution: optional(
    number({
      min: 0,
      doc: "Smallest step of the value; 0 keeps every digit; what the register can tell where left out.",
    }),
  ),
  kind: optional(
    text({
      doc: "What is measured: temperature, pressure, flow, level, vibration, ph, …; told by unit and name where left out.",
      pattern: /^[a-z0-9_]{1,40}$/,
      takesNumbers: true,
      form: "lower-case letters, digits and underscores",
      like: '"free_chlorine"',
    }),
  ),
  stage: optional(id("Stage of the process; the device's by default.")),
  every: optional(
    duration({
      default: periodDefaultMs,
      min: periodMin,
      max: "1d",
      doc: "Time between two readings.",
    }),
  ),
  staleAfter: optional(
    duration({
      min: periodMin,
      max: "7d",
      doc: "Time without a reading until the tag is stale; three periods by default.",
    }),
  ),
  policy: choice(["all", "thin", "summary"], {
    default: "all",
    doc: [
      "What may be left out on the way up. all: nothing. thin: all but every tenth reading.",
      "summary: what each 5 seconds amount to goes up instead of the readings, which saves bytes",
      "from some five readings a second on. Around alerts and changes of quality every reading goes",
      "up, whatever the policy.",
    ].join(" "),
  }),
};

const doc = "One measured quantity.";

export const tagTable = object({ ...measuredRows, limits, detect }, { doc });

/** What may be said of a tag from above: its limits and the bounds of what is learned are not there. */
const { bounds, ...learnableRows } = detectRows;
export const changedTagTable = object(
  { ...measuredRows, detect: object(learnableRows, { doc: detect.doc }) },
  { doc },
);

/** A tag with its defaults, after faults. */
export type TagDraft = DraftOf<typeof tagTable>;
/** What a file says of a tag, after faults. */
export type GivenTag = DraftOf<ReturnType<typeof partial<(typeof tagTable)["children"]>>>;
