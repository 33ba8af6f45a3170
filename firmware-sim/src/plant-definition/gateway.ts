/** A programmable controller that holds sensors and outputs, and which edge agent polls it. */

/** How a gateway writes a number: deliberately different, as in the field. */
export interface Encoding {
  table: "input" | "holding";
  type: "float32" | "int16" | "int32" | "uint32";
  /** Byte order of a 32-bit value: A is its most significant byte. */
  order: "ABCD" | "CDAB";
  /** True where values are counts of the instrument's `intScale`. */
  scaled: boolean;
}

export interface Gateway {
  id: string;
  name: string;
  edge: string;
  encoding: Encoding;
}
