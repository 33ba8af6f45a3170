/** weir-fog run: until it is stopped. */
import { command } from "@weir/runtime/cli.ts";
import { parseClockSpec, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { createLogger, type Level } from "@weir/runtime/logger.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { configurationOf, dataDirOf } from "./fog-options.ts";
import { writeRunFile } from "./run-file.ts";
import { openRunningFog } from "./running-fog.ts";

export const run = command({
  about: "Runs the fog gateway until it is stopped.",
  isService: true,
  options: commonOptions,
  async run(args, io) {
    const ioClock = systemClock();
    const startedMs = ioClock.monotonicMs();
    const reporter = createReporter({ json: args.json, out: io.out });
    const logger = createLogger({
      level: args.logLevel as Level,
      json: args.json,
      nowMs: () => ioClock.nowMs(),
      write: io.err,
    });
    const { settings, site } = configurationOf(args.config);
    const fog = await openRunningFog({
      settings,
      site,
      dataDir: dataDirOf(args.dataDir),
      clock: plantClock(args.clock),
      ioClock,
      plantRate: args.clock ? parseClockSpec(args.clock).rate : 1,
      logger,
      reporter,
    });
    const { mqttUrl, dashboard } = fog;
    writeRunFile(fog.dataDir, { httpUrl: dashboard.url, mqttUrl, clock: args.clock });
    reporter.event("address", { what: "mqtt", url: mqttUrl }, `edges connect to ${mqttUrl}`);
    const { url, signInUrl } = dashboard;
    reporter.event("address", { what: "dashboard", url }, `dashboard on ${url}`);
    if (signInUrl) reporter.event("sign-in", { url: signInUrl }, `first sign-in: ${signInUrl}`);
    const ms = Math.round(ioClock.monotonicMs() - startedMs);
    reporter.event("started", { tier: "fog", ms }, `the fog of ${site.site.name} is up (${ms} ms)`);
    // Long, and in its own thread: the gateway is up and judging stage by stage meanwhile.
    fog.watch
      .learn()
      .catch((error: Error) => logger.error("learning stopped", { why: error.message }));
    return runUntilStopped({
      clock: ioClock,
      logger,
      stdin: args.untilStdinEnds ? process.stdin : undefined,
      stop: () => fog.close(),
    });
  },
});
