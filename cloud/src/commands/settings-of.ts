/** What every command starts from: settings, data folder, logger, clocks. */
import { readFileSync } from "node:fs";
import {
  type Clock,
  type ClockSpec,
  parseClockSpec,
  plantClock,
  systemClock,
} from "@weir/runtime/clock.ts";
import type { ProgramIo } from "@weir/runtime/command.ts";
import { createLogger, type Level, type Logger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { defaultsOf, readSettingsFile } from "@weir/runtime/settings.ts";
import { type CloudSettings, cloudSettings, webhookName } from "../settings.ts";
import { sinks } from "../tickets/sinks/registry.ts";
import type { TicketSink } from "../tickets/sinks/ticket-sink.ts";

export const dataDirDefault = "weir-cloud-data";

/** Settings of `file`, or the defaults; problems go to stderr and leave `undefined`. */
export function settingsOf(file: string | undefined, io: ProgramIo): CloudSettings | undefined {
  const result =
    file === undefined ? defaultsOf(cloudSettings) : readSettingsFile(file, cloudSettings);
  if (result.ok) return result.value;
  io.err(formatProblems(result.problems));
  return undefined;
}

export interface Clocks {
  plant: Clock;
  io: Clock;
  spec: ClockSpec | undefined;
}

/** @throws Fault RUNTIME_CLOCK_SPEC */
export const clocksOf = (text: string | undefined): Clocks => ({
  plant: plantClock(text),
  io: systemClock(),
  spec: text ? parseClockSpec(text) : undefined,
});

export const loggerOf = (
  args: { logLevel: string; json: boolean },
  { clocks, io }: { clocks: Clocks; io: ProgramIo },
): Logger =>
  createLogger({
    level: args.logLevel as Level,
    json: args.json,
    nowMs: () => clocks.io.nowMs(),
    write: io.err,
  });

export const trainingOf = ({ training }: CloudSettings) => ({
  automatic: training.automatic,
  include: training.include,
  exclude: training.exclude,
  epochCount: training.epochs,
  seed: training.seed,
});

/** The sinks of the settings. `nowMs`: real time. */
export const sinksOf = ({ tickets }: CloudSettings, nowMs: () => number): TicketSink[] =>
  tickets.webhooks.map(({ name, url, secretFile }) =>
    sinks.webhook({
      name: webhookName({ name, url }),
      url,
      secret: secretFile === undefined ? undefined : readFileSync(secretFile, "utf8").trim(),
      nowMs,
    }),
  );
