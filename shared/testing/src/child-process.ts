/** A tier as a real process: started from its main.ts, heard through its JSON lines, left to nobody. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** One stdout line of a program run with --json. */
export interface ProgramEvent {
  event: string;
  [field: string]: unknown;
}

export interface StartOptions {
  /** "weir-edge": its bin starts edge/src/main.ts. Or the path of a script. */
  program: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface TierProcess {
  readonly pid: number;
  /** All so far, oldest first. */
  readonly events: readonly ProgramEvent[];
  /** All of stderr so far. */
  stderr(): string;
  /** Lines of stdout that are no events: what a command without --json prints for people. */
  text(): string;
  /** The first event of that name that fits, past or coming; rejects with stderr when time or the process ends. */
  waitFor(
    event: string,
    predicate?: (event: ProgramEvent) => boolean,
    timeoutMs?: number,
  ): Promise<ProgramEvent>;
  /** SIGTERM, and SIGKILL after half a minute; resolves with the exit code, -1 when it was killed. */
  stop(): Promise<number>;
  /** kill -9: no goodbye. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it ends by itself. */
  exited: Promise<number>;
}

/** Both find what hangs; a machine that is busy elsewhere is only slow. */
const waitMsDefault = 90_000;
const stopMsMax = 30_000;

const root = findRoot(dirname(fileURLToPath(import.meta.url)));
/** The Node that Weir needs, even where the system's is older. */
export const nodePath = join(root, "node_modules/.bin/node");

const programs: Readonly<Record<string, string>> = {
  "weir-sim": "firmware-sim/bin/weir-sim.js",
  "weir-edge": "edge/bin/weir-edge.js",
  "weir-fog": "fog/bin/weir-fog.js",
  "weir-cloud": "cloud/bin/weir-cloud.js",
};

/** Started inside a test it is killed when the test ends; elsewhere when this process ends. */
export function startProgram(options: StartOptions): TierProcess {
  const script = programs[options.program];
  const path = script === undefined ? options.program : join(root, script);
  // A tier that runs must not outlive a test run that is killed.
  const isService = script !== undefined && options.args[0] === "run";
  const args = isService ? [...options.args, "--until-stdin-ends"] : options.args;
  const child = spawn(nodePath, [path, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: [isService ? "pipe" : "ignore", "pipe", "pipe"],
  });
  cleanUp(child);
  return listenTo(child, options.program);
}

function listenTo(child: ChildProcess, name: string): TierProcess {
  const events: ProgramEvent[] = [];
  const listeners = new Set<() => void>();
  let stderr = "";
  let text = "";
  let exitCode: number | undefined;
  const changed = () => {
    for (const listener of [...listeners]) listener();
  };
  eachLine(child.stdout as NodeJS.ReadableStream, (line) => {
    const event = parseEvent(line);
    if (!event) {
      text += `${line}\n`;
      return;
    }
    events.push(event);
    changed();
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk) => {
    stderr += chunk;
  });
  const exited = new Promise<number>((resolve) => {
    const end = (code: number | null) => {
      exitCode = code ?? -1;
      changed();
      resolve(exitCode);
    };
    child.on("close", end);
    child.on("error", (error) => {
      stderr += `${error.message}\n`;
      end(null);
    });
  });
  return {
    pid: child.pid ?? -1,
    events,
    stderr: () => stderr,
    text: () => text,
    exited,
    waitFor: (wanted, predicate = () => true, timeoutMs = waitMsDefault) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) => {
          const last = events.slice(-5).map((event) => JSON.stringify(event));
          const tail = stderr.slice(-2_000);
          done(() =>
            reject(new Error(`${name} ${why} before "${wanted}"\n${last.join("\n")}\n${tail}`)),
          );
        };
        const look = () => {
          const event = events.find((e) => e.event === wanted && predicate(e));
          if (event) done(() => resolve(event));
          else if (exitCode !== undefined) fail(`ended with code ${exitCode}`);
        };
        const timer = setTimeout(() => fail(`took over ${timeoutMs} ms`), timeoutMs);
        const done = (settle: () => void) => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        listeners.add(look);
        look();
      }),
    stop: async () => {
      if (exitCode !== undefined) return exitCode;
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMsMax);
      child.kill("SIGTERM");
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
    kill: async () => {
      if (exitCode !== undefined) return;
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
}

/** Undefined for a line that is none: a program run without --json. */
function parseEvent(line: string): ProgramEvent | undefined {
  try {
    const value = JSON.parse(line) as Partial<ProgramEvent> | null;
    return typeof value?.event === "string" ? (value as ProgramEvent) : undefined;
  } catch {
    return undefined;
  }
}

function cleanUp(child: ChildProcess): void {
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  try {
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      kill();
      await once(child, "close");
    });
  } catch {
    // Not inside a test: a fixture of a whole file stops it by itself.
  }
}

function findRoot(from: string): string {
  if (existsSync(join(from, "turbo.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error("this file does not lie in a Weir checkout");
  return findRoot(parent);
}
