/** What became of one request. Errors are values: a silent device is nothing unusual on a bus. */

export type ModbusReply =
  /** Values of a read begin at `bytes[dataAt]`; the array is the master's own, valid during the call only. */
  { ok: true; bytes: Uint8Array; dataAt: number } | { ok: false; fault: ModbusFault };

export type ModbusFault =
  /** The device answered, and said no. */
  | { kind: "exception"; code: number; text: string }
  /** No whole answer before the deadline; the connection was dropped. */
  | { kind: "timeout"; text: string }
  /** An answer that is none to our request; the connection was dropped. */
  | { kind: "framing"; text: string }
  /** There is no connection, or it ended. */
  | { kind: "closed"; text: string };

/** MODBUS Application Protocol V1.1b3, section 7. */
const exceptionTexts: Record<number, string> = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "server device failure",
  5: "acknowledge",
  6: "server device busy",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target device failed to respond",
};

export const exceptionText = (code: number): string =>
  `exception ${code}: ${exceptionTexts[code] ?? "unknown"}`;

export const refusal = (code: number): ModbusReply => ({
  ok: false,
  fault: { kind: "exception", code, text: exceptionText(code) },
});
