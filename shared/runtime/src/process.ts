/** How a process starts and ends: signals, the last resort, and the way from argv to exit code. */
import { writeSync } from "node:fs";
import { type Program, type ProgramIo, runProgram } from "./cli.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { StandardOutput } from "./standard-output.ts";
import { within } from "./within.ts";

/** Milliseconds that `stop` may take before the process leaves all the same. */
export const stopLimitMs = 5_000;

/** What was said last is waited for so long, milliseconds. */
const flushLimitMs = 1_000;

/** The little of node:process that is used, so that a test can send signals to itself. */
export type ProcessEvents = Pick<NodeJS.EventEmitter, "on" | "off">;

export interface RunOptions {
  /** Real time. */
  clock: Clock;
  logger: Logger;
  /** Flushes and closes everything. Called once. */
  stop(): Promise<void>;
  /** Stops as a signal does: for a command that ends by itself. */
  signal?: AbortSignal;
  /** Stops when this ends as well: whoever started the process and held the other end is gone. */
  stdin?: NodeJS.ReadableStream | undefined;
  events?: ProcessEvents;
}

/**
 * Waits for SIGINT, SIGTERM, the end of `signal` or of `stdin`, or an error nobody caught; then stops. Resolves with
 * the exit code: 0, or 1 after an uncaught error, a `stop` that failed, or one that took over 5 s. A
 * second signal does not wait for `stop`.
 */
export async function runUntilStopped(options: RunOptions): Promise<number> {
  const { clock, logger, events = process } = options;
  let end: (reason: { text: string; code: number }) => void = () => {};
  let ended = new Promise<{ text: string; code: number }>((resolve) => {
    end = resolve;
  });
  const listeners: Record<string, (error: unknown) => void> = {
    SIGINT: () => end({ text: "stopping: SIGINT", code: 0 }),
    SIGTERM: () => end({ text: "stopping: SIGTERM", code: 0 }),
    uncaughtException: (error) => end(uncaught(logger, error)),
    unhandledRejection: (error) => end(uncaught(logger, error)),
  };
  for (const [name, listener] of Object.entries(listeners)) events.on(name, listener);
  const onAbort = () => end({ text: "stopping", code: 0 });
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { stdin } = options;
  let isGone = false;
  const onGone = () => {
    // Said in more than one way, and a second reason to stop would cut the stop off.
    if (!isGone) end({ text: "stopping: whoever started this process has gone", code: 0 });
    isGone = true;
  };
  for (const name of ["end", "close", "error"]) stdin?.on(name, onGone);
  stdin?.resume();
  const reason = await ended;
  logger.info(reason.text);
  ended = new Promise((resolve) => {
    end = resolve;
  });
  const limit = new AbortController();
  const stopCode = await Promise.race([
    stopQuietly(options),
    ended.then(() => 1),
    clock.sleep(stopLimitMs, limit.signal).then(
      () => {
        logger.error("stopping took too long; leaving all the same", { limitMs: stopLimitMs });
        return 1;
      },
      () => 1,
    ),
  ]);
  limit.abort();
  for (const [name, listener] of Object.entries(listeners)) events.off(name, listener);
  options.signal?.removeEventListener("abort", onAbort);
  stdin?.pause();
  return reason.code || stopCode;
}

function uncaught(logger: Logger, error: unknown): { text: string; code: number } {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  logger.error("an error nobody caught; stopping", { message, stack });
  return { text: "stopping after an error", code: 1 };
}

async function stopQuietly({ stop, logger }: RunOptions): Promise<number> {
  try {
    await stop();
    return 0;
  } catch (error) {
    logger.error("stopping failed", { message: (error as Error).message });
    return 1;
  }
}

/**
 * stdout, stderr and environment of this process. A reader that went away ends a short command quietly, a
 * full disk ends it with a sentence; a service outlives both, and the terminal it was started from.
 */
export function processIo(): ProgramIo {
  let isService = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!isService) leaveUnheard(error);
    });
  }
  const [out, err] = [new StandardOutput(process.stdout), new StandardOutput(process.stderr)];
  return {
    out: (line) => out.write(line),
    err: (line) => err.write(line),
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    outlive: () => {
      isService = true;
      // What a terminal says when it is closed. Whoever reloads at it listens as well.
      process.on("SIGHUP", () => {});
    },
  };
}

/** `weir-… | head` has heard enough; anything else is told where it still can be. */
function leaveUnheard(error: NodeJS.ErrnoException): never {
  if (error.code === "EPIPE") process.exit(0);
  try {
    writeSync(process.stderr.fd, `the output cannot be written: ${error.message}\n`);
  } catch {
    // It was stderr, or that is gone too.
  }
  process.exit(1);
}

/** The last line of every main.ts: runs the program on this process's words and exits with its code. */
export async function main(program: Program): Promise<never> {
  const code = await runProgram(program, process.argv.slice(2), processIo());
  // Windows and pipes write late; wait for what was said, but not for a reader that stands still.
  const said = new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  await within(systemClock(), flushLimitMs, said);
  process.exit(code);
}
