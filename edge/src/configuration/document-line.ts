/** The parts of the configuration's document for devices that speak text: lines and SDI-12. */
import { ne107 } from "./configuration.ts";
import { dayMs, periodMsMin } from "./document-words.ts";
import { choice, duration, type Field, flag, integer, text } from "./field.ts";
import { checksumNames } from "./line-settings.ts";

/** SDI-12 v1.4, section 4.4: M, C and R, with a number for additional measurements, with CRC. */
const measurePattern = /^(?:[MC]C?[1-9]?|RC?[0-9])$/;

export const lineConnection = {
  delimiter: text('Ends a line; "\\n" by default, and a "\\r" before it is dropped.'),
  checksum: choice("Checksum at the end of each line.", checksumNames),
  maxLine: integer("Longest line, bytes; what is longer is dropped.", { min: 8, max: 4_096 }),
  poll: text('Sent to have a line printed, as "R\\r"; without it the device prints by itself.'),
  every: duration("Time between two polls.", { minMs: periodMsMin, maxMs: dayMs }),
};

export const lineDevice = {
  match: text("Regular expression that the device's lines match; its named groups are fields."),
  columns: integer('Count of columns of a line; "field 2" is the second.', { min: 1, max: 256 }),
  separator: text('Between columns ("," by default) or pairs (blanks, commas, semicolons).'),
  decimal: choice("What stands before the decimals.", [".", ","]),
  pairs: flag('Lines hold pairs as "cl=1.23 ph=7.2"; "field cl" is the first.'),
  width: integer('Characters of a line of fixed width; "field 5-10" is the fifth to the tenth.', {
    min: 1,
    max: 4_096,
  }),
  address: text("SDI-12 address, where it is no digit.", /^[0-9a-zA-Z]$/, "a digit or a letter"),
  measure: text(
    "SDI-12 measurement: M by default, MC with CRC, C concurrent, M1 to M9 additional, R0 to R9 at once.",
    measurePattern,
    "an SDI-12 measurement as M, MC, M1, C, CC or R0",
  ),
};

export const statusWords: Field = {
  is: "map",
  doc: "Meaning of each word of a status field, by NAMUR NE 107.",
  key: /^[\x21-\x7e]{1,40}$/,
  keyDoc: "a word without blanks",
  value: choice("good, or a NE 107 state.", ["good", ...ne107]),
};
