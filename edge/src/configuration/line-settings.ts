/** What connections that print text lines are told, and the devices on them. */

export const checksumNames = [
  "none",
  "nmea-xor",
  "sum8",
  "crc16-modbus",
  "crc-ccitt",
  "crc-xmodem",
] as const;
export type ChecksumName = (typeof checksumNames)[number];

export interface LineSettings {
  delimiter: string;
  /** Longest line without its delimiter, bytes. */
  lengthMax: number;
  checksum: ChecksumName;
  /** Sent to have a line printed; undefined where the device prints by itself. */
  poll: { text: string; everyMs: number } | undefined;
}

/** How a device's lines are told from those of others, and taken apart. */
export interface LineLayout {
  /** Regular expression that its lines match, without slashes. */
  match: string | undefined;
  decimal: "." | ",";
  fields: /** Named groups of `match`. */
    | { by: "groups" }
    /** Counted from 1; a line with another count of columns is damaged. */
    | { by: "columns"; separator: string; count: number }
    /** `separator` undefined: blanks, commas or semicolons. */
    | { by: "pairs"; separator: string | undefined }
    /** Positions "5-10", counted from 1; a line of another width is damaged. */
    | { by: "width"; width: number };
}

/** SDI-12: one sensor on the bus. */
export interface Sdi12Device {
  /** "0"…"9", "a"…"z", "A"…"Z" */
  address: string;
  /** "M", "MC", "C1", "R0", …: the measurement without address and "!". */
  measure: string;
}
