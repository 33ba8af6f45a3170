/** `weir-sim device`: one Modbus TCP device, to try an edge on. */
import { systemClock } from "@weir/runtime/clock.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { serveModbus } from "../devices/modbus-tcp.node.ts";
import { practiceTank } from "../devices/practice-tank.ts";

export const device = command({
  about: "Serves one Modbus TCP device, a tank that is pumped full and let out, to try an edge on.",
  isService: true,
  options: {
    host: {
      flag: "--host",
      type: "string",
      default: "127.0.0.1",
      value: "ADDRESS",
      doc: "Address to listen on.",
    },
    port: {
      flag: "--port",
      type: "number",
      default: 5_020,
      min: 0,
      max: 65_535,
      integer: true,
      doc: "TCP port; 0 takes a free one.",
    },
    json: commonOptions.json,
    untilStdinEnds: commonOptions.untilStdinEnds,
  },
  examples: ["weir-sim device --port 5020"],
  run: async (args, io) => {
    const clock = systemClock();
    const beganMs = clock.monotonicMs();
    const server = await serveModbus({
      device: practiceTank(() => (clock.monotonicMs() - beganMs) / 1_000),
      ...{ name: "device", host: args.host, port: args.port },
      beforeRequest: () => {},
    });
    const reporter = createReporter({ json: args.json, out: io.out });
    const url = `modbus-tcp://${args.host}:${server.port}`;
    reporter.event(
      "address",
      { what: "device", url },
      [
        `a tank on ${url}, unit 1, input registers:`,
        "  input:0  level, mm: from 1200 to 2700 in three minutes, and back in one",
        "  input:1  temperature, 0.1 °C",
        "  input:2  power of its pump, W",
      ].join("\n"),
    );
    return runUntilStopped({
      clock,
      logger: createLogger({
        level: "info",
        json: args.json,
        nowMs: () => clock.nowMs(),
        write: io.err,
      }),
      stdin: args.untilStdinEnds ? process.stdin : undefined,
      stop: () => server.close(),
    });
  },
});
