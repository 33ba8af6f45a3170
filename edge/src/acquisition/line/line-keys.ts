/** Keys of connections that print lines, and of the devices on them. */
import { choice, duration, flag, integer, text } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import { periodMin, words } from "../../configuration/document-words.ts";
import { checksumNames } from "../../configuration/line-settings.ts";
import { trustKeys } from "../modbus/modbus-keys.ts";
import {
  carriedPatienceKeys,
  commonKeys,
  type LineDefaults,
  serialKeys,
} from "../transport-keys.ts";

export const textLine: LineDefaults = { baud: 9_600, dataBits: 8, parity: "N", stopBits: 1 };
export const pollEveryDefaultMs = 1_000;

export const lineConnection = object(
  {
    ...serialKeys(textLine),
    delimiter: text({
      default: "\n",
      max: 64,
      takesNumbers: true,
      doc: 'Ends a line; a "\\r" before "\\n" is dropped.',
    }),
    checksum: choice(checksumNames, {
      default: "none",
      doc: "Checksum at the end of each line.",
    }),
    maxLine: integer({
      default: 256,
      min: 8,
      max: 4_096,
      doc: "Longest line, bytes; what is longer is dropped.",
    }),
    poll: optional(
      words('Sent to have a line printed, as "R\\r"; without it the device prints by itself.'),
    ),
    every: optional(
      duration({
        default: pollEveryDefaultMs,
        min: periodMin,
        max: "1d",
        doc: "Time between two polls.",
      }),
    ),
    ...carriedPatienceKeys,
    ...commonKeys,
    ...trustKeys,
  },
  { doc: "Instruments that print lines of text." },
);

export const lineDeviceKeys = {
  match: optional(
    words("Regular expression that the device's lines match; its named groups are fields."),
  ),
  columns: optional(
    integer({ min: 1, max: 256, doc: 'Count of columns of a line; "field 2" is the second.' }),
  ),
  separator: optional(
    words('Between columns ("," by default) or pairs (blanks, commas, semicolons).'),
  ),
  decimal: optional(choice([".", ","], { default: ".", doc: "What stands before the decimals." })),
  pairs: optional(
    flag({
      default: false,
      doc: 'Lines hold pairs as "cl=1.23 ph=7.2"; "field cl" is the first.',
    }),
  ),
  width: optional(
    integer({
      min: 1,
      max: 4_096,
      doc: 'Characters of a line of fixed width; "field 5-10" is the fifth to the tenth.',
    }),
  ),
};
