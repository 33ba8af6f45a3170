/**
 * The order of things: pages built, the plant's past simulated, the tiers introduced to each other by
 * their own enrolment commands, history taken in, then cloud, fog and edges started.
 */

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { commandsOf } from "./commands.ts";
import { type DemoOptions, portsUsed } from "./options.ts";
import { Part, type PartEvent } from "./part.ts";
import type { Screen } from "./screen.ts";
import type { SimulatedPlant } from "./simulated-plant.ts";

export interface StartOptions {
  options: DemoOptions;
  plant: SimulatedPlant;
  folder: string;
  root: string;
  screen: Screen;
  /** Real time at which the plant's calendar showed its start. */
  begunMs: number;
  signal: AbortSignal;
}

/** A Tuesday in June, early: the day's rise of load is ahead. */
export const calendarStart = "2026-06-02T05:00:00Z";
/** How long starting up usually takes, real milliseconds: most of it the past of every sensor. */
export const startupMs = ({ sensors }: SimulatedPlant): number => 16_000 + 32 * sensors;
/** How long the parts may take to stop, real milliseconds; then they are ended. */
const stopWithinMs = 8_000;

/** Resolves with an exit code when everything has stopped. */
export async function startEverything(start: StartOptions): Promise<number> {
  const demo = new Demo(start);
  const aborted = new Promise<"stopped">((done) =>
    start.signal.addEventListener("abort", () => done("stopped"), { once: true }),
  );
  try {
    const outcome = await Promise.race([demo.start().then(() => demo.untilPlantEnds()), aborted]);
    if (outcome === "stopped") return 0;
    start.screen.error(
      `${outcome.name} ended by itself (code ${outcome.code})\n${outcome.lastWords}`,
    );
    return 1;
  } finally {
    await demo.stop();
  }
}

/** A command as it is typed in the folder of Weir. */
const typed = (command: readonly string[]): string =>
  ["npx", ...command]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");

const consecutive = (first: number): number[] =>
  Array.from({ length: portsUsed }, (_, offset) => first + offset);

/**
 * As many in a row as are free now. Below the ports that Linux (32768 on), macOS and Windows (49152 on) give to
 * whoever asks for any: the parts that start first connect to each other before the last one listens.
 */
async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const ports = consecutive(randomInt(10_240, 32_768 - count));
    const servers = ports.map((port) => createServer().listen(port, "127.0.0.1"));
    const found = await Promise.allSettled(servers.map((server) => once(server, "listening")));
    for (const server of servers) server.close();
    if (found.every(({ status }) => status === "fulfilled")) return ports;
  }
}

class Demo {
  readonly #start: StartOptions;
  readonly #running: Part[] = [];
  readonly #env: NodeJS.ProcessEnv;
  #isStopping = false;
  #stepStartedMs = performance.now();

  constructor(start: StartOptions) {
    this.#start = start;
    const bin = join(start.root, "node_modules", ".bin");
    this.#env = {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      TURBO_TELEMETRY_DISABLED: "1",
      DO_NOT_TRACK: "1",
    };
  }

  async start(): Promise<void> {
    const { options, plant, folder, screen, begunMs } = this.#start;
    const beganMs = performance.now();
    const ports = options.ports === 0 ? await freePorts(portsUsed) : consecutive(options.ports);
    // One plant time for all. The calendar starts about when the edges do, so that little is missed between
    // the simulated past and the first live reading.
    const clock = `rate=${options.speed},from=${calendarStart},at=${begunMs + startupMs(plant)}`;
    const { seed, scenario } = options;
    const commands = commandsOf({ plant, folder, ports, seed, scenario, clock });
    for (const [file, text] of Object.entries(commands.files)) writeFileSync(file, text);

    const sim = this.#run("plant", commands.plant);
    const past = sim.until((event) => event.event === "started");
    await Promise.all([past, this.#introduce(commands)]);
    this.#done(
      `${plant.id}: ${plant.stages} stages, ${plant.sensors} sensors, 28 days of its past`,
    );

    await Promise.all([
      this.#once("cloud", commands.importCloud),
      this.#once("fog", commands.importFog),
      this.#configure(commands),
    ]);
    this.#done("the past taken in by fog and cloud; cause-and-effect tables approved");

    const cloud = this.#run("cloud", commands.cloud);
    const fog = this.#run("fog", commands.fog);
    const [cloudLink, fogLink] = await Promise.all([this.#signIn(cloud), this.#signIn(fog)]);
    this.#done("cloud and fog");

    const agents = plant.edges.map((edge) => this.#run(edge, commands.edge(edge)));
    await Promise.all(agents.map((agent) => agent.until((event) => event.event === "started")));
    const lines = plant.serial.length > 0 ? ` and ${plant.serial.length} serial lines` : "";
    this.#done(
      `${plant.edges.length} edge agents, reading ${plant.gateways.length} gateways${lines}`,
    );
    await fetch(commands.scenarioUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "x-weir": "1" },
      body: "{}", // the scenario that was held back until somebody watches
    });
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
    screen.note(
      `\nReady after ${seconds} s. The plant's clock runs ${options.speed} times as fast as yours.`,
    );
    screen.addresses([
      { what: "fog dashboard", url: fogLink },
      { what: "cloud console", url: cloudLink },
    ]);
  }

  /** Pages, configuration and certificates: done while the plant lives its past. */
  async #introduce(commands: ReturnType<typeof commandsOf>): Promise<void> {
    await this.#once("pages", commands.pages);
    this.#done("web applications built");
    await this.#once("plant", commands.configureSite);
    await this.#once("cloud", commands.enrolSite);
    for (const edge of this.#start.plant.edges) await this.#once("fog", commands.enrolEdge(edge));
    this.#done("certificates issued to the site and its edges");
  }

  /** What the edges read, and the approval of what they guard. */
  async #configure(commands: ReturnType<typeof commandsOf>): Promise<void> {
    await this.#once("plant", commands.configure);
    for (const edge of this.#start.plant.edges) await this.#once(edge, commands.approve(edge));
  }

  /**
   * Resolves when the simulated plant has ended without being asked: there is nothing left to watch then. A tier
   * that ends is told, and the others go on without it, as they do at a real plant.
   */
  async untilPlantEnds(): Promise<{ name: string; code: number; lastWords: string }> {
    const [plant, ...tiers] = this.#running;
    if (!plant) throw new Error("no part runs");
    for (const tier of tiers) void tier.exited.then(() => this.#tellEnded(tier));
    return { name: plant.name, code: await plant.exited, lastWords: plant.lastWords };
  }

  #tellEnded({ name, endedBy, lastWords, command }: Part): void {
    if (this.#isStopping) return;
    // After a kill its last lines say nothing of why it ended.
    const words = endedBy.startsWith("SIG") || lastWords === "" ? "" : `${lastWords}\n`;
    this.#start.screen.error(
      `${name} ended by itself (${endedBy}); the others go on without it.\n${words}    To start it again, in another terminal: ${typed(command.filter((word) => word !== "--json"))}`,
    );
  }

  /** Edges first, so that what they hold is on its way before the fog closes. */
  async stop(): Promise<void> {
    const { screen } = this.#start;
    this.#isStopping = true;
    const parts = [...this.#running].reverse();
    const patience = setTimeout(() => {
      for (const part of parts) part.signal("SIGKILL");
    }, stopWithinMs);
    for (const part of parts) {
      part.signal("SIGTERM");
      await part.exited;
    }
    clearTimeout(patience);
    if (parts.length > 0) screen.note("Everything has stopped.");
  }

  #run(name: string, command: readonly string[]): Part {
    const part = this.#part(name, [...command, "--json"]);
    this.#running.push(part);
    return part;
  }

  /** A command that ends by itself; rejects when it fails. */
  async #once(name: string, command: readonly string[]): Promise<void> {
    const part = this.#part(name, command);
    this.#running.push(part);
    const code = await part.exited;
    this.#running.splice(this.#running.indexOf(part), 1);
    if (this.#isStopping) throw new Error(`stopped during ${name}`);
    if (code !== 0)
      throw new Error(`${command.slice(0, 3).join(" ")} failed (code ${code})\n${part.lastWords}`);
  }

  #part(name: string, command: readonly string[]): Part {
    const { folder, root, screen } = this.#start;
    return new Part({
      name,
      command,
      cwd: root,
      env: this.#env,
      logFile: join(folder, "logs", `${name}.log`),
      onEvent: (event: PartEvent) => screen.happened(name, event),
    });
  }

  async #signIn(part: Part): Promise<string> {
    const isLink = (event: PartEvent) => String(event["url"] ?? "").includes("/signin?token=");
    const [link] = await Promise.all([
      part.until(isLink),
      part.until((event) => event.event === "started"),
    ]);
    return String(link["url"]);
  }

  #done(text: string): void {
    const nowMs = performance.now();
    this.#start.screen.done(text, nowMs - this.#stepStartedMs);
    this.#stepStartedMs = nowMs;
  }
}
