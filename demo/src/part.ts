/** One process of the demo: started as a user would start it, read through its JSON event lines. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

export interface PartEvent {
  event: string;
  text?: string;
  [field: string]: unknown;
}

export interface PartOptions {
  name: string;
  /** Path of the command, then its arguments. */
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Where its stderr is kept. */
  logFile: string;
  onEvent: (event: PartEvent) => void;
}

/** Lines of stderr kept for the day the part dies. */
const lastLinesMax = 12;

export class Part {
  readonly name: string;
  readonly command: readonly string[];
  readonly exited: Promise<number>;
  /** "code 1", "SIGKILL"; empty while it runs. */
  endedBy = "";
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  readonly #seen: PartEvent[] = [];
  #waiting: {
    matches: (event: PartEvent) => boolean;
    resolve: (event: PartEvent) => void;
    reject: (error: Error) => void;
  }[] = [];

  constructor(options: PartOptions) {
    this.name = options.name;
    this.command = options.command;
    const [command, ...args] = options.command;
    // A tier stops when its stdin ends, so that nothing is left when the demo itself is killed.
    const isTier = args[0] === "run" && command !== "turbo";
    this.#child = spawn(command as string, isTier ? [...args, "--until-stdin-ends"] : args, {
      cwd: options.cwd,
      env: options.env,
      stdio: [isTier ? "pipe" : "ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const event = parseEvent(line);
      this.#seen.push(event);
      if (this.#seen.length > 200) this.#seen.shift();
      options.onEvent(event);
      for (const waiter of this.#waiting.filter((one) => one.matches(event))) {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        waiter.resolve(event);
      }
    });
    mkdirSync(dirname(options.logFile), { recursive: true });
    this.#child.stderr?.pipe(createWriteStream(options.logFile, { flags: "a" }));
    createInterface({ input: this.#child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > lastLinesMax) this.#lastLines.shift();
    });
    this.exited = new Promise((resolve) => {
      const finish = (code: number) => {
        for (const waiter of this.#waiting)
          waiter.reject(
            new Error(`${this.name} ended (${code}) before it was ready\n${this.lastWords}`),
          );
        this.#waiting = [];
        resolve(code);
      };
      this.#child.on("error", (error) => {
        this.#lastLines.push(error.message);
        finish(1);
      });
      this.#child.on("close", (code, signal) => {
        this.endedBy = signal ?? `code ${code}`;
        finish(code ?? (signal ? 128 : 1));
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get lastWords(): string {
    return this.#lastLines.map((line) => `    ${line}`).join("\n");
  }

  /** The first event, past or future, that `matches`. Rejects when the process ends first. */
  until(matches: (event: PartEvent) => boolean): Promise<PartEvent> {
    const past = this.#seen.find(matches);
    if (past) return Promise.resolve(past);
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }));
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
  }
}

function parseEvent(line: string): PartEvent {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === "object" && value !== null && "event" in value) return value as PartEvent;
  } catch {
    // Not an event: shown as it is.
  }
  return { event: "output", text: line };
}
