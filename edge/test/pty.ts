/** A serial line whose far end is the test: socat makes the terminal, and its end pulls the plug. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { onTestFinished } from "vitest";

export class Pty {
  /** Stands for the adapter's name by id. */
  readonly path = join(tempDir(), "usb-line");
  onBytes: (text: string) => void = () => {};
  #socat: ChildProcess | undefined;

  constructor() {
    onTestFinished(() => this.unplug());
  }

  async plug(): Promise<void> {
    const socat = spawn("socat", ["-", `pty,raw,echo=0,link=${this.path}`], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    socat.stdin.on("error", () => {});
    socat.stdout.on("data", (chunk: Buffer) => this.onBytes(chunk.toString("latin1")));
    this.#socat = socat;
    await until(() => existsSync(this.path), "the terminal");
  }

  say(text: string): void {
    this.#socat?.stdin?.write(Buffer.from(text, "latin1"));
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (!socat || socat.exitCode !== null) return;
    const ended = new Promise((resolve) => socat.once("exit", resolve));
    socat.kill("SIGKILL");
    await ended;
    rmSync(this.path, { force: true });
  }
}
