/** `weir-edge run`: control and uplink, each on a thread of its own, under one that only looks after them. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { plantClock, systemClock } from "@weir/runtime/clock.ts";
import { command, type ProgramIo } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { createReporter, type Reporter } from "@weir/runtime/events.ts";
import { createLogger, type Level, type Logger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { seeded } from "@weir/runtime/random.ts";
import { agentVersion } from "../agent-version.ts";
import { latchFileName } from "../control/control-files.ts";
import { spawnControl } from "../control/spawn-control.ts";
import type { Notice } from "../hand-over.ts";
import { fingerprintOf } from "../reload/fingerprint.node-fs.ts";
import { LastGood } from "../reload/last-good.file.ts";
import { Reloader } from "../reload/reloader.ts";
import { RemoteConfigurationFile } from "../reload/remote-configuration.file.ts";
import { startConfiguration } from "../reload/start-configuration.ts";
import { spawnUplink } from "../uplink/spawn-uplink.ts";
import { defaultUplinkSettings } from "../uplink-settings.ts";
import { createLocalToken } from "./local-token.ts";
import {
  configDefault,
  databaseFile,
  dataDirDefault,
  localTokenFile,
  statusUrlFile,
} from "./places.ts";
import { createServiceNotice, hasBegun } from "./service-notice.systemd.ts";

const mebibyte = 1024 * 1024;

const options = {
  ...commonOptions,
  config: {
    ...commonOptions.config,
    doc: `Configuration of the edge; ${configDefault} by default.`,
  },
  dataDir: {
    ...commonOptions.dataDir,
    doc: "Folder for everything that must survive a restart; $STATE_DIRECTORY or edge-data by default.",
  },
  statusPort: {
    flag: "--status-port",
    type: "number",
    default: 0,
    min: 0,
    max: 65_535,
    integer: true,
    doc: "Port of the status page on 127.0.0.1; 0 takes a free one.",
  },
  quota: {
    flag: "--quota",
    type: "number",
    default: defaultUplinkSettings.quotaBytes / mebibyte,
    min: 32,
    max: 65_536,
    value: "MIB",
    doc: "What the outbox may hold on disk while the fog is away.",
  },
  blockEvery: {
    flag: "--block-every",
    type: "number",
    default: defaultUplinkSettings.blockEveryMs,
    min: 100,
    max: 600_000,
    value: "MS",
    doc: "Plant time that one batch of readings covers; longer is fewer bytes and later news.",
  },
} as const;

export const run = command({
  about: "Reads the devices, guards the limits, sends readings to the fog.",
  isService: true,
  options,
  examples: ["weir-edge run --config edge.yaml --data-dir /var/lib/weir-edge --status-port 8081"],
  run: async (args, io) => {
    const ioClock = systemClock();
    const level = args.logLevel as Level;
    const logger = createLogger({
      level,
      json: args.json,
      nowMs: () => ioClock.nowMs(),
      write: (line) => io.err(line),
    });
    const file = resolve(args.config ?? configDefault);
    const dataDir = args.dataDir ?? dataDirDefault(io.env);
    return runEdge({ file, args: { ...args, level, dataDir }, io, ioClock, logger });
  },
});

interface Running {
  file: string;
  args: {
    dataDir: string;
    clock: string | undefined;
    json: boolean;
    level: Level;
    statusPort: number;
    quota: number;
    blockEvery: number;
    untilStdinEnds: boolean;
  };
  io: ProgramIo;
  ioClock: ReturnType<typeof systemClock>;
  logger: Logger;
}

async function runEdge({ file, args, io, ioClock, logger }: Running): Promise<number> {
  const dataDir = openDataDir(args.dataDir, { evenWhenFull: true });
  if (dataDir.isFull) {
    logger.error("the disk is full: limits are guarded all the same; readings wait in memory", {
      folder: dataDir.path,
    });
  }
  // Found out before either thread makes its own file: one that is missing beside the other was lost.
  const had = (name: string) => existsSync(dataDir.file(name));
  const hadDatabase = had(databaseFile);
  const hadLatches = had(latchFileName);
  const lastGood = new LastGood(dataDir.path);
  const remote = new RemoteConfigurationFile(dataDir.path);
  const begun = startConfiguration({ file, lastGood, overlay: remote.load()?.text });
  if (!begun.ok) {
    io.err(formatProblems(begun.problems));
    dataDir.close();
    return 1;
  }
  const { configuration, warnings } = begun.loaded;
  if (warnings.length > 0) logger.warn(formatProblems(warnings, "warning"));
  const reporter: Reporter = createReporter({ json: args.json, out: (line) => io.out(line) });
  const { edge } = configuration;
  const startedMs = ioClock.monotonicMs();
  // On a busy machine the rest takes long, and who sees nothing takes it for hung.
  logger.info(`${edge}: starting, ${configuration.tags.length} tags of ${file}`);
  const died = new AbortController();
  let deathCode = 0;
  let isReady = false;
  const service = createServiceNotice({ env: io.env, ioClock, logger });
  const localToken = createLocalToken(dataDir.file(localTokenFile), (reason) =>
    logger.warn("orders from this machine are refused until the next start", { reason }),
  );
  let onNotice: (notice: Notice) => void = () => {};

  // Uplink first: it listens before the control thread says its tag table.
  const uplink = spawnUplink({
    settings: {
      site: configuration.site.id,
      edge,
      agentVersion,
      fog: configuration.uplink,
      file: dataDir.file(databaseFile),
      hasRun: hadLatches,
      clock: args.clock,
      settings: {
        ...defaultUplinkSettings,
        quotaBytes: args.quota * mebibyte,
        blockEveryMs: args.blockEvery,
      },
      status: { host: "127.0.0.1", port: args.statusPort },
      localToken,
      log: { level: args.level, json: args.json },
      seed: ioClock.nowMs(),
    },
    control: {
      onNotice: (listener) => {
        onNotice = listener;
      },
      order: (order) => reloader.order(order),
    },
    ioClock,
    random: seeded(ioClock.nowMs(), "main"),
    logger,
    onLog: io.err,
    onReady: () => {
      if (isReady) return;
      isReady = true;
      service.done("uplink");
      const ms = Math.round(ioClock.monotonicMs() - startedMs);
      const { length } = configuration.tags;
      reporter.event("started", { tier: "edge", edge, ms }, `${edge}: started, ${length} tags`);
    },
    onAddress: (url) => {
      noteAddress(dataDir.file(statusUrlFile), url, logger);
      reporter.event("address", { edge, what: "status", url }, `status page: ${url}`);
    },
    onNews: ({ event, fields, text }) => reporter.event(event, { edge, ...fields }, text),
  });
  const control = spawnControl({
    logger,
    onLog: io.err,
    configuration,
    clockSpec: args.clock,
    dataDir: dataDir.path,
    hasRun: hadDatabase,
    logLevel: args.level,
    logJson: args.json,
    onNotice: (notice) => {
      // The service manager's watchdog is fed by what the control loop does, not by a timer.
      service.alive();
      if (hasBegun(notice)) service.done("control");
      if (reloader.onNotice(notice)) onNotice(notice);
    },
    // Without it nothing is guarded: leave, so that the service is started anew; the I/O modules'
    // own watchdogs hold the outputs safe meanwhile.
    onDeath: (reason) => {
      logger.error(reason);
      reporter.event("error", { edge, what: "control", text: reason });
      deathCode = 1;
      died.abort();
    },
  });
  const reloader = new Reloader({
    file,
    started: begun.loaded,
    fallback: begun.fallback,
    remote,
    lastGood,
    order: (order) => control.order(order),
    notify: (notice) => onNotice(notice),
    plantClock: plantClock(args.clock),
    ioClock,
    logger,
    fingerprint: fingerprintOf,
  });
  reloader.start();
  const onHangUp = () => reloader.reload("SIGHUP");
  process.on("SIGHUP", onHangUp);

  const code = await runUntilStopped({
    stdin: args.untilStdinEnds ? process.stdin : undefined,
    clock: ioClock,
    logger,
    signal: died.signal,
    stop: async () => {
      service.stopping();
      process.off("SIGHUP", onHangUp);
      reloader.stop(deathCode === 0);
      if (deathCode === 0) await control.stop();
      await uplink.stop();
      for (const name of [statusUrlFile, localTokenFile]) {
        rmSync(dataDir.file(name), { force: true });
      }
      dataDir.close();
    },
  });
  return code || deathCode;
}

/** For `weir-edge status`, which works with --url as well. */
function noteAddress(file: string, url: string, logger: Logger): void {
  try {
    writeFileSync(file, `${url}\n`);
  } catch (error) {
    logger.warn("the address of the status page could not be stored", {
      reason: (error as Error).message,
    });
  }
}
