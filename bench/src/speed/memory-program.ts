/** One of Weir's programs as a process, heard through its JSON lines; and what a process holds in memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

interface Event {
  event: string;
  text?: string;
  url?: string;
}

export const root = join(import.meta.dirname, "../../..");
const bins: Record<string, string> = {
  "weir-sim": "firmware-sim/bin/weir-sim.js",
  // What gateways install; `npm run build -w edge` makes it.
  "weir-edge": "edge/dist/weir-edge.js",
  "weir-edge from sources": "edge/bin/weir-edge.js",
  "weir-fog": "fog/bin/weir-fog.js",
  "weir-cloud": "cloud/bin/weir-cloud.js",
};

export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #events: Event[] = [];
  #stderr = "";
  #listeners: (() => void)[] = [];

  /** `args` for Node itself when `name` is none of Weir's programs. */
  constructor(name: string, args: readonly string[]) {
    const bin = bins[name];
    const command = bin === undefined ? args : [join(root, bin), ...args, "--json"];
    this.#name = name;
    this.#child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
    const end = () => this.#child.kill("SIGKILL");
    process.once("exit", end);
    this.#child.once("close", () => {
      process.off("exit", end);
      this.#changed();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2_000);
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#events.push(JSON.parse(line) as Event);
      this.#changed();
    });
  }

  /** The first event that fits, past or coming. Rejects when the program ends or time is over. */
  until(fits: (event: Event) => boolean, withinMs = 60_000): Promise<Event> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#listeners = this.#listeners.filter((one) => one !== look);
        settle();
      };
      const fail = (why: string) =>
        finish(() => reject(new Error(`${this.#name} ${why}\n${this.#stderr}`)));
      const look = () => {
        const event = this.#events.find(fits);
        if (event) finish(() => resolve(event));
        else if (this.#isOver) fail("ended");
      };
      const timer = setTimeout(() => fail(`was not there within ${withinMs} ms`), withinMs);
      this.#listeners.push(look);
      look();
    });
  }

  started(): Promise<Event> {
    return this.until(({ event }) => event === "started");
  }

  /** Resolves when it ended well by itself. */
  async done(): Promise<void> {
    if (!this.#isOver) await once(this.#child, "close");
    const { exitCode } = this.#child;
    if (exitCode !== 0) throw new Error(`${this.#name} ended with ${exitCode}\n${this.#stderr}`);
  }

  async stop(): Promise<void> {
    if (this.#isOver) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await closed;
  }

  /** Resident, MiB: now and at the highest since the start. Linux. */
  residentMib(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    const mib = (key: string) =>
      Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN) / 1_024;
    return { now: mib("VmRSS"), peak: mib("VmHWM") };
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
