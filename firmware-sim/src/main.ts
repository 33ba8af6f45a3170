/** `weir-sim`: the simulated works on the command line. */
import { command } from "@weir/runtime/cli.ts";
import { plantClock, systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { main, runUntilStopped } from "@weir/runtime/process.ts";
import { createPlant } from "./create-plant.ts";
import { LivePlant } from "./run/live-plant.ts";
import { serveGateways } from "./run/modbus-gateways.ts";
import { quietScenario } from "./scenarios/scenario.ts";

const run = command({
  about: "Runs the works and serves its six gateways over Modbus TCP.",
  options: {
    ...commonOptions,
    seed: {
      flag: "--seed",
      type: "number",
      default: 42,
      integer: true,
      doc: "Seed of all chance.",
    },
    host: {
      flag: "--modbus",
      type: "string",
      default: "127.0.0.1",
      value: "HOST",
      doc: "Address the gateways listen on.",
    },
    ports: {
      flag: "--ports",
      type: "string",
      default: "0,0,0,0,0,0",
      value: "LIST",
      doc: "Ports of plc-w-a, plc-w-b, plc-s, plc-d-a, plc-d-b, plc-m; 0 = any free one.",
    },
  },
  run: async (args, io) => {
    const ioClock = systemClock();
    const clock = plantClock(args.clock);
    const reporter = createReporter({ json: args.json, out: io.out });
    const logger = createLogger({
      level: "info",
      json: args.json,
      nowMs: () => ioClock.nowMs(),
      write: io.err,
    });
    const beganMs = ioClock.monotonicMs();
    const startMs = Math.floor(clock.nowMs() / 1000) * 1000;
    const plant = createPlant({
      seed: args.seed,
      scenario: quietScenario,
      startMs,
      watchdogMs: () => ioClock.monotonicMs(),
    });
    const live = new LivePlant(plant, clock);
    const ports = args.ports.split(",").map(Number);
    const gateways = await serveGateways(live, { host: args.host, ports });
    for (const [id, port] of gateways.ports) {
      const url = `modbus-tcp://${args.host}:${port}`;
      reporter.event("address", { what: id, url }, `${id}  ${url}`);
    }
    live.start(ioClock);
    const ms = Math.round(ioClock.monotonicMs() - beganMs);
    reporter.event("started", { tier: "sim", ms }, `the works runs (${ms} ms)`);
    return runUntilStopped({
      clock: ioClock,
      logger,
      stop: async () => {
        live.stop();
        await gateways.close();
      },
    });
  },
});

await main({
  name: "weir-sim",
  about: "The simulated works: 45 stages, 280 sensors, six Modbus TCP gateways.",
  commands: { run },
});
