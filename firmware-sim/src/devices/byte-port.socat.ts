/**
 * A serial device behind a pseudo terminal that programs open like any tty: `socat` makes it and carries
 * the bytes over its standard input and output. Pulling the cable ends socat, and the path is gone; putting it
 * back makes a new one under the same path.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, lstatSync, rmSync } from "node:fs";
import type { Clock } from "@weir/runtime/clock.ts";
import { SimFault } from "../faults.ts";
import type { OpenBytePort } from "./byte-port.ts";

export interface PtyBytePortOptions {
  /** For messages: "rtu". */
  line: string;
  /** Path that stands for the terminal. */
  path: string;
  clock: Clock;
}

const startWithinMs = 5_000;
const lookEveryMs = 10;

export const ptyBytePort =
  (options: PtyBytePortOptions): OpenBytePort =>
  async (receive) => {
    const { line, path, clock } = options;
    let child: ChildProcess | undefined;
    const fault = (why: string, cause?: Error) =>
      new SimFault("SIM_SERIAL", { line, place: `pty:${path}`, why }, cause && { cause });

    const start = async (): Promise<void> => {
      if (existsSync(path) && !lstatSync(path).isSymbolicLink()) {
        throw fault("something that is no link stands there");
      }
      rmSync(path, { force: true });
      const socat = spawn("socat", ["-", `pty,raw,echo=0,link=${path}`], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      child = socat;
      let failure: Error | undefined;
      socat.on("error", (error) => {
        failure = error;
      });
      socat.stdin.on("error", () => {});
      socat.stdout.on("data", (chunk: Buffer) => {
        if (child === socat) receive(chunk);
      });
      const endMs = clock.monotonicMs() + startWithinMs;
      while (!existsSync(path)) {
        if (failure) throw fault(`socat: ${failure.message}; install it, or use tcp`, failure);
        if (socat.exitCode !== null) throw fault(`socat ended with code ${socat.exitCode}`);
        if (clock.monotonicMs() > endMs) throw fault("socat made no terminal");
        await clock.sleep(lookEveryMs);
      }
    };

    const stop = (): Promise<void> => {
      const ending = child;
      child = undefined;
      if (ending === undefined || ending.exitCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        ending.once("exit", () => {
          rmSync(path, { force: true });
          resolve();
        });
        ending.kill("SIGKILL");
        rmSync(path, { force: true });
      });
    };

    await start();
    let turn: Promise<void> = Promise.resolve();
    return {
      place: path,
      send: (bytes) => {
        child?.stdin?.write(bytes);
      },
      plug: (isIn) => {
        // A cable that cannot be put back stays out; the next one may.
        turn = turn.then(isIn ? start : stop).catch(() => {});
      },
      close: async () => {
        await turn;
        await stop();
      },
    };
  };
