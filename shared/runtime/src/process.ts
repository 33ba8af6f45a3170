/** How a process starts and ends: signals, the last resort, and the way from argv to exit code. */
import { type Program, type ProgramIo, runProgram } from "./cli.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";

/** Milliseconds that `stop` may take before the process leaves all the same. */
export const stopLimitMs = 5_000;

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
  events?: ProcessEvents;
}

/**
 * Waits for SIGINT, SIGTERM, the end of `signal`, or an error nobody caught; then stops. Resolves with
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

/** stdout, stderr and environment of this process. A reader that went away ends it quietly. */
export function processIo(): ProgramIo {
  const leave = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  };
  process.stdout.on("error", leave);
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    env: process.env,
    isTTY: process.stdout.isTTY === true,
  };
}

/** The last line of every main.ts: runs the program on this process's words and exits with its code. */
export async function main(program: Program): Promise<never> {
  const code = await runProgram(program, process.argv.slice(2), processIo());
  // Windows and pipes write late; wait for what was said.
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  process.exit(code);
}
