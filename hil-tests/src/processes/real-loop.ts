/** The product as its users start it: five processes, real sockets, one folder; nothing shared with another run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { formatClockSpec, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { type ProgramEvent, startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { freePort } from "@weir/testing/free-port.ts";
import { HilFault } from "../faults.ts";

const calendarStartMs = Date.UTC(2026, 5, 2, 5);
const startWithinMs = 90_000;
const lookEveryMs = 200;
/** Characters of each part's log that a failure shows. */
const lastWordsMax = 1_500;

export interface RealLoopOptions {
  plant: PlantDefinition;
  folder: string;
  seed: number;
  /** Plant seconds in a real one. */
  rate: number;
  /** Serial lines of the plant, as `weir-sim run --serial` takes them; none by default. */
  serial?: string;
  /** Stands between two parts: given the port where the answering one listens, returns where the other may dial. */
  through?: (line: LineName, port: number) => Promise<number>;
}

/** Which two parts a line joins: a gateway by its id, the fog's broker, or the cloud's door. */
export type LineName = "fog" | "cloud" | `gateway ${string}`;

/** What `weir-edge status --json` says, as far as it is looked at here. */
export interface EdgeStatus {
  epoch: number;
  ledger: {
    acquired: number;
    delivered: number;
    thinned: number;
    dropped: number;
    pending: number;
  };
  link: { state: string };
  control?: { latchedTrips: string[] };
}

export interface FogStatus {
  edges: { edge: string; online: boolean; stored: number; latchedTrips: string[] }[];
  cloud: string;
  cloudBacklog: number;
}

export class RealLoop {
  /** Every process ever started here. */
  readonly pids: number[] = [];
  readonly #options: RealLoopOptions;
  readonly #clock = systemClock();
  readonly #running = new Map<string, TierProcess>();
  #clockSpec = "";
  #cookie: string | undefined;

  constructor(options: RealLoopOptions) {
    this.#options = options;
  }

  /** Plant seconds in a real one. */
  get rate(): number {
    return this.#options.rate;
  }

  get edgeIds(): string[] {
    return this.#options.plant.edges.map(({ id }) => id);
  }

  /** Configures, enrols and starts everything, in the order of the manual. */
  async start(): Promise<void> {
    const { plant, seed, rate, serial } = this.#options;
    const site = plant.site.id;
    const nowMs = this.#clock.nowMs();
    this.#clockSpec = formatClockSpec({ rate, fromMs: calendarStartMs, atMs: nowMs });
    const [mqttPort, doorPort] = [await freePort(), await freePort()];
    // Pages that are open find a part again where it was.
    const [fogPort, consolePort] = [await freePort(), await freePort()];
    const lines = serial === undefined ? [] : ["--serial", serial];
    await this.run("sim", [
      "--plant",
      plant.id,
      "--seed",
      `${seed}`,
      "--scenario",
      "quiet",
      ...lines,
    ]);
    await this.command("weir-sim", [
      ...["configure", "--data-dir", this.path("sim"), "--out", this.path(".")],
      ...["--uplink", `mqtts://127.0.0.1:${await this.#dialled("fog", mqttPort)}`],
      ...["--identity-dir", this.path("identity"), ...(await this.#gatewayPorts())],
    ]);
    const door = `https://127.0.0.1:${await this.#dialled("cloud", doorPort)}`;
    await this.command("weir-cloud", [
      ...["enrol-site", site, "--data-dir", this.path("cloud")],
      ...["--out", this.path("site-identity"), "--url", door],
    ]);
    this.#write("fog.yaml", [
      "site: site.yaml",
      `mqtt: {host: 127.0.0.1, port: ${mqttPort}}`,
      `http: {host: 127.0.0.1, port: ${fogPort}}`,
      "cloud: {identity: site-identity}",
    ]);
    this.#write("cloud.yaml", [
      `door: {host: 127.0.0.1, port: ${doorPort}}`,
      `console: {host: 127.0.0.1, port: ${consolePort}}`,
      "training: {automatic: false}",
    ]);
    mkdirSync(this.path("identity"), { recursive: true });
    for (const edge of this.edgeIds) {
      await this.command("weir-fog", [
        ...["enrol-edge", edge, "--config", this.path("fog.yaml")],
        ...["--data-dir", this.path("fog"), "--out", this.path("identity", edge)],
      ]);
    }
    await this.run("cloud", ["--config", this.path("cloud.yaml")]);
    await this.run("fog", ["--config", this.path("fog.yaml")]);
    for (const edge of this.edgeIds) await this.run(edge, ["--config", this.path(`${edge}.yaml`)]);
  }

  /** Plant time now, by the calendar that all parts are given. */
  plantNowMs(): number {
    return plantClock(this.#clockSpec).nowMs();
  }

  async #dialled(line: LineName, port: number): Promise<number> {
    return (await this.#options.through?.(line, port)) ?? port;
  }

  /** Options that name the ports of gateways, where something stands before them. */
  async #gatewayPorts(): Promise<string[]> {
    if (!this.#options.through) return [];
    const ports: number[] = [];
    for (const { id } of this.#options.plant.gateways) {
      const { url } = await this.part("sim").waitFor("address", ({ what }) => what === id);
      ports.push(await this.#dialled(`gateway ${id}`, Number(new URL(url as string).port)));
    }
    return ["--plant", this.#options.plant.id, "--ports", ports.join(",")];
  }

  /** Starts `weir-… run` (an edge by its id, "sim", "fog", "cloud") on its data folder and waits until it says that it has. */
  async run(part: string, args: readonly string[]): Promise<TierProcess> {
    const program = this.edgeIds.includes(part) ? "weir-edge" : `weir-${part}`;
    const common = ["--data-dir", this.path(part), "--clock", this.#clockSpec, "--json"];
    const started = startProgram({ program, args: ["run", ...common, ...args] });
    this.pids.push(started.pid);
    this.#running.set(part, started);
    await started.waitFor("started", () => true, startWithinMs);
    return started;
  }

  get partNames(): string[] {
    return [...this.#running.keys()];
  }

  part(name: string): TierProcess {
    return this.#running.get(name) as TierProcess;
  }

  /** A command that ends by itself; its last JSON line. @throws Fault LOOP_COMMAND */
  async command(program: string, args: readonly string[]): Promise<ProgramEvent | undefined> {
    const process = startProgram({ program, args: [...args, "--json"] });
    this.pids.push(process.pid);
    const code = await process.exited;
    if (code !== 0) {
      const said = `${process.stderr()}\n${JSON.stringify(process.events.at(-1))}`;
      throw new HilFault("LOOP_COMMAND", { command: `${program} ${args[0]}`, code, said });
    }
    return process.events.at(-1);
  }

  async edgeStatus(edge: string): Promise<EdgeStatus> {
    const isStatus = ({ event, what }: ProgramEvent) => event === "address" && what === "status";
    await this.part(edge).waitFor("address", isStatus);
    // An uplink that was started again serves it elsewhere.
    const newest = this.part(edge).events.findLast(isStatus);
    const answer = await fetch(new URL("/status.json", newest?.["url"] as string));
    return (await answer.json()) as EdgeStatus;
  }

  async fogStatus(): Promise<FogStatus> {
    const { url } = await this.part("fog").waitFor("address", ({ what }) => what === "dashboard");
    const answer = await fetch(new URL("/healthz", url as string));
    return (await answer.json()) as FogStatus;
  }

  /** Means of `tag` at the fog over the plant's life so far, as the dashboard draws them. */
  async trend(tag: string): Promise<(number | null)[]> {
    const { url: door } = await this.part("fog").waitFor("sign-in");
    this.#cookie ??= await cookieOf(door as string);
    const spans = `from=${calendarStartMs}&to=${calendarStartMs + 86_400_000}&buckets=24`;
    const query = `/api/trends?tags=${encodeURIComponent(tag)}&${spans}`;
    const answer = await fetch(new URL(query, door as string), {
      headers: { cookie: this.#cookie },
    });
    const series = (await answer.json()) as { mean: (number | null)[] }[];
    return series[0]?.mean ?? [];
  }

  /** Distinct readings of an edge at the fog; 0 while the fog does not answer. */
  async stored(edge: string): Promise<number> {
    const status = await this.fogStatus().catch(() => undefined);
    return status?.edges.find((line) => line.edge === edge)?.stored ?? 0;
  }

  /** POST to the simulator's own door. */
  async inject(injection: object): Promise<void> {
    const { url } = await this.part("sim").waitFor("address", ({ what }) => what === "control");
    const answer = await fetch(new URL("/inject", url as string), {
      method: "POST",
      headers: { "content-type": "application/json", "x-weir": "1" },
      body: JSON.stringify(injection),
    });
    if (answer.ok) return;
    const said = await answer.text();
    throw new HilFault("LOOP_COMMAND", { command: "POST /inject", code: answer.status, said });
  }

  /** Real time passes. */
  sleep(ms: number): Promise<void> {
    return this.#clock.sleep(ms);
  }

  /** Looks again and again. @throws Fault LOOP_NOT_REACHED */
  async reach<T>(
    what: string,
    look: () => Promise<T>,
    { fits, withinMs = 60_000 }: { fits: (seen: T) => boolean; withinMs?: number },
  ): Promise<T> {
    const endMs = this.#clock.monotonicMs() + withinMs;
    let last: string;
    do {
      try {
        const seen = await look();
        if (fits(seen)) return seen;
        last = JSON.stringify(seen) ?? "nothing";
      } catch (error) {
        last = (error as Error).message;
      }
      await this.#clock.sleep(lookEveryMs);
    } while (this.#clock.monotonicMs() < endMs);
    throw new HilFault("LOOP_NOT_REACHED", { what, withinMs, last, said: this.#lastWords() });
  }

  #lastWords(): string {
    return [...this.#running]
      .map(([part, { stderr }]) => `--- ${part}\n${stderr().slice(-lastWordsMax)}`)
      .join("\n");
  }

  /** Edges first, so that what they hold is on its way before the fog closes. Exit codes by part. */
  async stop(parts = [...this.edgeIds, "fog", "cloud", "sim"]): Promise<Map<string, number>> {
    const codes = new Map<string, number>();
    for (const part of parts) {
      const process = this.#running.get(part);
      if (process) codes.set(part, await process.stop());
    }
    return codes;
  }

  path(...names: string[]): string {
    return join(this.#options.folder, ...names);
  }

  #write(name: string, lines: readonly string[]): void {
    writeFileSync(this.path(name), `${lines.join("\n")}\n`);
  }
}

/** A first sign-in link as a browser follows it. */
async function cookieOf(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: "manual" });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
