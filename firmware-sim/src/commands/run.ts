/** `weir-sim run`: history first, then the servers, then life by the plant clock. */
import { closeSync, openSync, writeSync } from "node:fs";
import { command } from "@weir/runtime/cli.ts";
import { type Clock, parseClockSpec, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { createReporter, type Reporter } from "@weir/runtime/events.ts";
import { createLogger, type Level } from "@weir/runtime/logger.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { createControlServer } from "../api/control-server.ts";
import { createPlant, type Plant } from "../create-plant.ts";
import { writeHistory } from "../history/history-file.hyparquet-writer.ts";
import { recordHistory } from "../history/record-history.ts";
import { plantById } from "../plants/plants.ts";
import { LivePlant } from "../run/live-plant.ts";
import { serveGateways } from "../run/modbus-gateways.ts";
import { lineText, type ServedLine, serveSerialLines } from "../run/serial-lines.ts";
import { parseSerial } from "../run/serial-plan.ts";
import { loadScenario } from "../scenarios/read-scenario.ts";
import { writing } from "./file-fault.ts";
import { plantOptions } from "./plant-options.ts";
import { parsePorts } from "./port-list.ts";
import { noteRunningSim } from "./running-sim.ts";

const options = {
  ...plantOptions,
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
    default: "0",
    value: "PORTS",
    doc: "Ports of the plant's gateways: a number each, the first of as many in a row, or 0 for free ones.",
  },
  serial: {
    flag: "--serial",
    type: "string",
    default: "",
    value: "LINES",
    doc: 'Serial lines beside the gateways: "all", or such as rtu=tcp:0,wq=pty:/tmp/weir-wq,sdi12=pty:/tmp/sdi@1200; pty needs socat. Lines: rtu, wq, csv, pairs, sdi12, vib.',
  },
  controlPort: {
    flag: "--control-port",
    type: "number",
    default: 0,
    integer: true,
    min: 0,
    max: 65_535,
    doc: "Port of the control API on 127.0.0.1; 0 = any free one.",
  },
  truth: {
    flag: "--truth",
    type: "string",
    default: undefined,
    value: "FILE",
    doc: "Writes what really happens, one JSON line at each change; the last line of an id counts.",
  },
  historyDir: {
    flag: "--history-dir",
    type: "string",
    default: undefined,
    value: "DIR",
    doc: "Lives the past first and writes it there as Parquet.",
  },
  hold: {
    flag: "--hold",
    type: "boolean",
    default: false,
    doc: "Holds the scenario back until POST /scenario.",
  },
  dataDir: commonOptions.dataDir,
  clock: commonOptions.clock,
  logLevel: commonOptions.logLevel,
  json: commonOptions.json,
  untilStdinEnds: commonOptions.untilStdinEnds,
} as const;

export const run = command({
  about: "Runs a plant and serves its gateways over Modbus TCP.",
  isService: true,
  options,
  examples: [
    "weir-sim run --scenario story --history-dir history --truth truth.jsonl",
    "weir-sim run --scenario acid --clock rate=60,from=2026-06-02T05:00:00Z,at=1780000000000",
  ],
  run: async (args, io) => {
    const definition = plantById(args.plant);
    const ports = parsePorts(definition, args.ports);
    const planned = parseSerial(definition, args.serial);
    const scenario = loadScenario(definition, args.scenario);
    const ioClock = systemClock();
    const clock = plantClock(args.clock);
    const beganMs = ioClock.monotonicMs();
    const reporter = createReporter({ json: args.json, out: io.out });
    const logger = createLogger({
      level: args.logLevel as Level,
      json: args.json,
      nowMs: () => ioClock.nowMs(),
      write: io.err,
    });
    const dataDir = args.dataDir === undefined ? undefined : openDataDir(args.dataDir);
    const { truth: truthFile } = args;
    const truth =
      truthFile === undefined
        ? undefined
        : await writing(truthFile, () => openSync(truthFile, "w"));
    const plant = createPlant({
      plant: definition,
      seed: args.seed,
      scenario,
      profile: (args.profile as "tidy" | "realistic" | undefined) ?? scenario.profile,
      startMs: startOf(args.clock, clock),
      historyDays: args.historyDir === undefined ? 0 : args.days,
      watchdogMs: () => ioClock.monotonicMs(),
      onTruth: (line) => {
        if (truth !== undefined) writeSync(truth, `${line}\n`);
      },
    });
    const starter = args.untilStdinEnds ? endOf(process.stdin) : undefined;
    if (args.historyDir !== undefined) {
      const { historyDir, fineDays } = args;
      const at = { historyDir, fineDays, reporter, clock: ioClock, signal: starter };
      if (!(await keepHistory(plant, at))) return 0;
    }
    const live = new LivePlant(plant, clock);
    while (!live.catchUp()) await ioClock.sleep(0);
    if (!args.hold) plant.load(scenario.after, plant.nowMs);
    const gateways = await serveGateways(live, { host: args.host, ports });
    const serial = await serveSerialLines(live, planned, { host: args.host, clock: ioClock });
    const server = await createControlServer({
      live,
      host: "127.0.0.1",
      port: args.controlPort,
      ports: gateways.ports,
      lines: serial.lines,
      rate: args.clock === undefined ? 1 : parseClockSpec(args.clock).rate,
      clock: ioClock,
      logger,
      onInject: (injection) => reporter.event("inject", { injection, atMs: plant.nowMs }),
    });
    const control = await server.listen();
    announce(reporter, {
      host: args.host,
      ports: gateways.ports,
      lines: serial.lines,
      controlUrl: control.url,
    });
    if (dataDir !== undefined) {
      noteRunningSim(dataDir.path, {
        pid: process.pid,
        controlUrl: control.url,
        host: args.host,
        ports: Object.fromEntries(gateways.ports),
      });
    }
    live.start(ioClock);
    const ms = Math.round(ioClock.monotonicMs() - beganMs);
    const fields = { tier: "sim", ms, scenario: scenario.name, originMs: plant.nowMs };
    reporter.event(
      "started",
      fields,
      `The ${definition.about} runs scenario "${scenario.name}" (${ms} ms).`,
    );
    return runUntilStopped({
      ...(starter && { signal: starter }),
      clock: ioClock,
      logger,
      stop: async () => {
        live.stop();
        await Promise.all([gateways.close(), serial.close(), server.close()]);
        if (truth !== undefined) closeSync(truth);
        dataDir?.close();
      },
    });
  },
});

function announce(
  reporter: Reporter,
  at: {
    host: string;
    ports: ReadonlyMap<string, number>;
    lines: readonly ServedLine[];
    controlUrl: string;
  },
): void {
  for (const [id, port] of at.ports) {
    const url = `modbus-tcp://${at.host}:${port}`;
    reporter.event("address", { what: id, url }, `${id.padEnd(8)} ${url}`);
  }
  for (const served of at.lines) {
    const what = `serial-${served.line.id}`;
    reporter.event("address", { what, url: served.place }, lineText(served));
  }
  const url = at.controlUrl;
  reporter.event("address", { what: "control", url }, `control  ${url}`);
}

/** The instant the plant's calendar begins at: `from` of the clock, or now. Whole seconds. */
function startOf(spec: string | undefined, clock: Clock): number {
  const fromMs = spec === undefined ? clock.nowMs() : parseClockSpec(spec).fromMs;
  return Math.floor(fromMs / 1000) * 1000;
}

/** Aborted when whoever started this process and held the other end of `stdin` is gone, from now on. */
function endOf(stdin: NodeJS.ReadableStream): AbortSignal {
  const gone = new AbortController();
  for (const name of ["end", "close", "error"]) stdin.on(name, () => gone.abort());
  stdin.resume();
  return gone.signal;
}

/** False when nobody waits for it any more. */
async function keepHistory(
  plant: Plant,
  at: {
    historyDir: string;
    fineDays: number;
    reporter: Reporter;
    clock: Clock;
    signal: AbortSignal | undefined;
  },
): Promise<boolean> {
  let shown = -1;
  const lived = recordHistory(plant, {
    fineDays: at.fineDays,
    onProgress: async (done) => {
      const tenth = Math.floor(done * 10) / 10;
      if (tenth > shown) {
        shown = tenth;
        at.reporter.event("history", { done: tenth }, `History ${Math.round(100 * tenth)} %`);
      }
      await at.clock.sleep(0);
      at.signal?.throwIfAborted();
    },
  });
  const history = await lived.catch((error: unknown) => {
    if (at.signal?.aborted) return undefined;
    throw error;
  });
  if (history === undefined) return false;
  const files = await writing(at.historyDir, () => writeHistory(at.historyDir, history));
  at.reporter.event("history-written", { files });
  return true;
}
