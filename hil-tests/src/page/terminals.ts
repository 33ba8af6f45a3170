/** Terminals in which a page is followed: services that go on running, and the one for everything else. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { systemClock } from "@weir/runtime/clock.ts";
import { HilFault } from "../faults.ts";
import { isSaid, type Seen } from "./page-steps.ts";

export interface TerminalsOptions {
  folder: string;
  /** Port as the page writes it → the one that is used. */
  ports: ReadonlyMap<string, number>;
  /** More words for a command that opens so; ports as the page writes them. */
  options: Readonly<Record<string, readonly string[]>>;
}

interface Terminal {
  child: ChildProcess;
  said: string[];
  /** Exit code, once there is one. */
  code: number | undefined;
}

const isService = (command: string): boolean => /^npx weir-\w+ (run|device)\b/.test(command);
const lookEveryMs = 250;
/** Finds what hangs: a service's word may take as long as a busy machine does. */
const seenWithinMs = 180_000;

export class Terminals {
  readonly #options: TerminalsOptions;
  readonly #clock = systemClock();
  readonly #services = new Map<string, Terminal>();
  #folder: string;

  constructor(options: TerminalsOptions) {
    this.#options = options;
    this.#folder = options.folder;
  }

  /** Does what the page says and waits until it sees what the page shows. @throws Fault PAGE_NOT_SEEN */
  async follow(command: string, sees: readonly Seen[]): Promise<void> {
    const elsewhere = sees.filter(({ in: where }) => where !== undefined);
    for (const { line, in: where = "" } of elsewhere) await this.#await(where, [line]);
    const lines = sees.filter(({ in: where }) => where === undefined).map(({ line }) => line);
    if (command === "") return;
    if (isService(command)) {
      this.#services.set(command, this.#open(command));
      await this.#await(command, lines);
      return;
    }
    await this.#repeat(command, lines);
  }

  /** A reader who does not see it yet gives the command again; one that fails for good never shows it. */
  async #repeat(command: string, lines: readonly string[]): Promise<void> {
    const endMs = this.#clock.monotonicMs() + seenWithinMs;
    for (;;) {
      const terminal = this.#open(command);
      if (terminal.child.exitCode === null) await once(terminal.child, "close");
      const missing = lines.find((line) => !isSaid(this.#here(line), terminal.said));
      if (missing === undefined && terminal.child.exitCode === 0) break;
      const said = `${terminal.said.join("\n")}\n(code ${terminal.child.exitCode})`;
      if (this.#clock.monotonicMs() > endMs)
        throw new HilFault("PAGE_NOT_SEEN", { command, line: missing ?? "exit code 0", said });
      await this.#clock.sleep(lookEveryMs);
    }
    const [, into] = /&& cd (\S+)$/.exec(command) ?? [];
    if (into) this.#folder = join(this.#folder, into);
  }

  async #await(command: string, lines: readonly string[]): Promise<void> {
    const terminal = this.#services.get(command);
    const said = terminal?.said ?? [];
    const endMs = this.#clock.monotonicMs() + seenWithinMs;
    for (const line of lines) {
      while (!isSaid(this.#here(line), said)) {
        const isOver = terminal?.code !== undefined || this.#clock.monotonicMs() > endMs;
        if (!terminal || isOver)
          throw new HilFault("PAGE_NOT_SEEN", { command, line, said: said.join("\n") });
        await this.#clock.sleep(lookEveryMs);
      }
    }
  }

  #open(command: string): Terminal {
    const more = Object.entries(this.#options.options).find(([opens]) => command.startsWith(opens));
    // A service must not outlive a test run that is killed.
    const words = [...(more?.[1] ?? []), ...(isService(command) ? ["--until-stdin-ends"] : [])];
    const text = this.#here([command, ...words].join(" "));
    const child = spawn("bash", ["-c", text], { cwd: this.#folder, detached: true });
    const terminal: Terminal = { child, said: [], code: undefined };
    if (!isService(command)) child.stdin.end();
    for (const stream of [child.stdout, child.stderr]) listen(stream, terminal.said);
    child.on("close", (code) => {
      terminal.code = code ?? -1;
    });
    return terminal;
  }

  /** With the ports that are used here. */
  #here(text: string): string {
    return text.replaceAll(/\b\d{4}\b/g, (port) => `${this.#options.ports.get(port) ?? port}`);
  }

  /** Opens the sign-in link that a service has printed, and asks its API as the pages do. */
  async signIn(command: string): Promise<(path: string) => Promise<unknown>> {
    const said = this.#services.get(command)?.said ?? [];
    const link = said.map((line) => /first sign-in: (\S+)/.exec(line)?.[1]).find(Boolean) ?? "";
    const answer = await fetch(link, { redirect: "manual" });
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    return async (path) => {
      const got = await fetch(new URL(path, link), { headers: { cookie } });
      const isJson = got.headers.get("content-type")?.includes("json");
      return isJson ? got.json() : got.text();
    };
  }

  /** Ctrl-C in each, as far as it still runs. */
  async end(): Promise<void> {
    for (const { child, code } of this.#services.values()) {
      if (code !== undefined || child.pid === undefined) continue;
      const closed = once(child, "close");
      process.kill(-child.pid, "SIGINT");
      await closed;
    }
  }
}

function listen(stream: NodeJS.ReadableStream, said: string[]): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    said.push(...lines);
  });
}
