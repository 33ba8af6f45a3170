/** Keys of connections whose bytes come over TCP or a serial line, whatever they mean. */
import { choice, duration, integer } from "@weir/runtime/setting-kinds.ts";
import { optional } from "@weir/runtime/setting-tables.ts";
import { parities, type SerialSettings } from "../configuration/configuration.ts";
import { quirks, words } from "../configuration/document-words.ts";

/** How a serial line is set when nothing is said. */
export type LineDefaults = Omit<SerialSettings, "path">;

/** What a connection waits for, where nothing is said. */
export interface Patience {
  timeoutMs: number;
  retries: number;
}

/** Of requests over TCP. */
export const networkPatience: Patience = { timeoutMs: 1_000, retries: 0 };
/** A byte lost to noise is usual on a serial line; so are transceivers that are slow to turn round. */
export const serialPatience: Patience = { timeoutMs: 500, retries: 2 };

const timeoutBounds = { min: "10ms", max: "1m" };
const retryBounds = { min: 0, max: 10 };

export const patienceKeys = ({ timeoutMs, retries }: Patience) => ({
  timeout: duration({
    ...timeoutBounds,
    default: timeoutMs,
    doc: "Longest wait for an answer.",
  }),
  retries: integer({
    ...retryBounds,
    default: retries,
    doc: "How many times more a read is sent that was not answered.",
  }),
});

/** Where it depends on what carries the bytes. */
export const carriedPatienceKeys = {
  timeout: optional(
    duration({
      ...timeoutBounds,
      doc: "Longest wait for an answer; 1s over TCP, 500ms on a serial line by default.",
    }),
  ),
  retries: optional(
    integer({
      ...retryBounds,
      doc: "How many times more a read is sent that was not answered; 2 on a serial line, else 0 by default.",
    }),
  ),
};

/** What every connection takes. */
export const commonKeys = {
  ...quirks,
  pauseAfterConnect: duration({
    default: 0,
    min: 0,
    max: "1m",
    doc: "Quiet time after a connection came up.",
  }),
  // A PLC over a switch; bridges to serial lines take far longer and should say so.
  roundTrip: duration({
    default: "5ms",
    min: "1ms",
    max: "1m",
    doc: "Expected time of a request and its answer, for the bus budget.",
  }),
};

export const hostKey = optional(words("Host name or address."));
export const portKey = optional(
  words('TCP port; without a host the path of a serial line, as "/dev/serial/by-id/usb-…".'),
);

export const serialKeys = ({ baud, dataBits, parity, stopBits }: LineDefaults) => ({
  host: hostKey,
  port: portKey,
  baud: optional(
    integer({ default: baud, min: 300, max: 4_000_000, doc: "Speed of the serial line." }),
  ),
  dataBits: optional(
    integer({ default: dataBits, min: 7, max: 8, doc: "Data bits of a character." }),
  ),
  parity: optional(choice(parities, { default: parity, doc: "N none, E even, O odd." })),
  stop: optional(integer({ default: stopBits, min: 1, max: 2, doc: "Stop bits." })),
});
