/** The part of the configuration's document that describes connections. */
import { connectionTypes, parities } from "./configuration.ts";
import { lineConnection } from "./document-line.ts";
import { broker, place, quirks, secondMs, unit } from "./document-words.ts";
import { choice, duration, flag, integer, table, text } from "./field.ts";

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

export const connectionDocument = table(
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
    ...broker,
    format: choice("What devices publish to the broker: JSON or numbers, or Sparkplug B.", [
      "json",
      "sparkplug",
    ]),
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
    ...lineConnection,
    watchdog,
  },
  ["type"],
);
