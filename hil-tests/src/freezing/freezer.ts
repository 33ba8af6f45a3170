/** One plant as real processes behind lines that can be cut, watched by two browsers; its parts fall silent and come back. */

import type { IncidentView } from "@weir/contracts/api/incident.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import type { Page } from "playwright-core";
import type { PlantCase } from "../plants/plant-cases.ts";
import { type LineName, RealLoop } from "../processes/real-loop.ts";
import { Line } from "./line.ts";
import { ask, metric, parsed, urlOf, type Viewer, type Watchers } from "./surfaces.ts";

/** Readings of each edge at the fog before anything falls silent. */
const enough = 500;

/** What a row of the table does something to. */
export type Part =
  | "edge"
  | "fog"
  | "cloud"
  | "simulator"
  | "device"
  | "link-to-fog"
  | "link-to-cloud";
export type Way = "frozen" | "killed" | "cut" | "quiet" | "restored";

export interface FreezerOptions {
  plant: PlantCase;
  folder: string;
  seed: number;
  rate: number;
  /** A browser that has followed a first sign-in link. */
  openPage: (link: string) => Promise<Page>;
}

export class Freezer {
  readonly loop: RealLoop;
  readonly plant: PlantCase;
  /** The edge that things are done to: the one that holds a trip. */
  readonly edge: string;
  /** A gateway of that edge. */
  readonly gateway: string;
  readonly #options: FreezerOptions;
  readonly #lines = new Map<LineName, Line>();
  #watchers: Watchers | undefined;
  /** What the cloud had stored when a part was killed to be put back from a backup. */
  itemsWhenKilled = 0;

  constructor(options: FreezerOptions) {
    const { plant, folder, seed, rate } = options;
    this.#options = options;
    this.plant = plant;
    this.edge = plant.runaway.edge;
    const definition = plant.plant;
    this.gateway = definition.gateways.find(({ edge }) => edge === this.edge)?.id ?? "";
    const through = async (name: LineName, port: number) => {
      const line = await Line.to(port);
      this.#lines.set(name, line);
      return line.port;
    };
    this.loop = new RealLoop({ plant: definition, folder, seed, rate, through });
  }

  /** Stages all of whose sensors the edge reads, and key figures that rest on nothing else. */
  get ownStages(): string[] {
    const { sensors, stages } = this.plant.plant;
    return stages
      .map(({ id }) => id)
      .filter((stage) => {
        const own = sensors.filter((sensor) => sensor.stage === stage);
        return own.length > 0 && own.every(({ edge }) => edge === this.edge);
      });
  }

  get ownKpis(): string[] {
    const { kpis, sensorById } = this.plant.plant;
    return kpis
      .filter(({ sensors }) => sensors.every((id) => sensorById(id)?.edge === this.edge))
      .map(({ id }) => id);
  }

  /** What somebody has said that the trip was. */
  readonly label = "real";

  /** Of what stands open at the fog before anything falls silent: the edge's trip, and what `#standingFaults` raises. */
  readonly standingKinds = ["trip", "alert", "sensor"] as const;

  /** A value that no longer moves and a loop that is broken, for days: on the edge, and one on the gateway. */
  get #standingFaults(): { fault: "stuck" | "ne43"; sensor: string }[] {
    const { plant, runaway } = this.plant;
    const own = plant.sensors.filter(
      ({ edge, stage }) => edge === this.edge && stage !== runaway.stage,
    );
    const stuck = own.find(
      (sensor) => (plant.detect(sensor) as { stuck?: { after?: string } }).stuck?.after,
    );
    const broken = own.find((sensor) => sensor.gateway === this.gateway && sensor !== stuck);
    if (!stuck || !broken) throw new Error(`${this.edge} has no two sensors to break`);
    return [
      { fault: "stuck", sensor: stuck.id },
      { fault: "ne43", sensor: broken.id },
    ];
  }

  /** Those among `incidents` whose causes last: the trip, and what these faults raise; other alerts come and go. */
  standingOf(incidents: readonly IncidentView[]): IncidentView[] {
    const sensors = this.#standingFaults.map(({ sensor }) => sensor);
    const ofFault = ({ contributions }: IncidentView) =>
      contributions.some(({ tag }) => sensors.some((sensor) => tag.endsWith(`/${sensor}`)));
    return incidents.filter(
      (one) =>
        one.state === "open" &&
        one.edge === this.edge &&
        (this.standingKinds as readonly string[]).includes(one.kind) &&
        (one.kind === "trip" || ofFault(one)),
    );
  }

  get watchers(): Watchers {
    if (!this.#watchers) throw new Error("start() comes first");
    return this.#watchers;
  }

  /** Everything runs, an output has been cut off and stays latched, two browsers look on. */
  async start(): Promise<void> {
    const { loop, plant, edge } = this;
    await loop.start();
    for (const id of loop.edgeIds)
      await loop.reach(`readings of ${id} at the fog`, () => loop.stored(id), {
        fits: (stored) => stored > enough,
      });
    for (const { fault, sensor } of this.#standingFaults)
      await loop.inject({ fault, sensor, for: "7d" });
    const { scenario, actuator, rule } = plant.runaway;
    const [entry] = loadScenario(plant.plant, scenario).after;
    const dose = entry?.inject.what === "actuator" ? entry.inject.dose : undefined;
    await loop.inject({ actuator, failure: "runaway", dose });
    await loop.part(edge).waitFor("trip", (event) => event["rule"] === rule);
    await loop.part("fog").waitFor("trip", (event) => event["rule"] === rule);
    this.#watchers = { fog: await this.#viewer("fog"), cloud: await this.#viewer("cloud") };
    await this.#labelTrip(this.watchers.fog.cookie);
    // A quick machine is here before the value has stood still for as long as its rule asks.
    await loop.reach("what stands before anything falls silent", () => this.#kindsStanding(), {
      fits: (kinds) => kinds === this.standingKinds.length,
    });
  }

  async #kindsStanding(): Promise<number> {
    const url = urlOf(this.loop, "fog", {
      what: "dashboard",
      path: "/api/incidents?state=all&limit=1000",
    });
    const incidents = parsed<IncidentView[]>(await ask(url, this.watchers.fog.cookie)) ?? [];
    return new Set(this.standingOf(incidents).map(({ kind }) => kind)).size;
  }

  /** Somebody says what the trip was, and is answered: that stands from now on. */
  async #labelTrip(cookie: string): Promise<void> {
    const at = (path: string) => urlOf(this.loop, "fog", { what: "dashboard", path });
    const incidents = parsed<IncidentView[]>(await ask(at("/api/incidents"), cookie)) ?? [];
    const trip = incidents.find(({ kind, edge }) => kind === "trip" && edge === this.edge);
    const answer = await fetch(at(`/api/incidents/${trip?.id}/feedback`) ?? "", {
      method: "POST",
      headers: { cookie, "content-type": "application/json", "x-weir": "1" },
      body: JSON.stringify({ choice: this.label }),
    });
    if (!answer.ok) throw new Error(`the label was answered ${answer.status}`);
  }

  async #viewer(part: "fog" | "cloud"): Promise<Viewer> {
    const { url } = await this.loop.part(part).waitFor("sign-in");
    const page = await this.#options.openPage(String(url));
    const cookies = await page.context().cookies();
    return { page, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
  }

  /** Silences a part; what undoes it. A part that is restored is silent only while it is. */
  async silence(part: Part, way: Way): Promise<() => Promise<void>> {
    const line = this.#lineOf(part);
    if (line) {
      if (way === "cut") line.cut();
      else line.quiet();
      return async () => line.mend();
    }
    const name = this.processOf(part);
    if (way === "frozen") {
      const { pid } = this.loop.part(name);
      process.kill(pid, "SIGSTOP");
      return async () => void process.kill(pid, "SIGCONT");
    }
    if (way === "restored") await this.#setBack(name);
    else await this.loop.part(name).kill();
    return async () => void (await this.#startAgain(name));
  }

  /** Backed up while it runs; a while later killed, and the backup put back. */
  async #setBack(name: string): Promise<void> {
    const { loop } = this;
    const program = loop.edgeIds.includes(name) ? "weir-edge" : `weir-${name}`;
    const backup = loop.path(`backup-${name}`);
    const at = ["--data-dir", loop.path(name)];
    const secrets = program === "weir-edge" ? [] : ["--with-secrets"];
    await loop.command(program, ["backup", backup, ...at, ...secrets]);
    await loop.sleep(2_000);
    this.itemsWhenKilled = await itemsOf(loop);
    await loop.part(name).kill();
    await loop.command(program, ["restore", backup, ...at, "--by", "robin"]);
  }

  async #startAgain(name: string): Promise<void> {
    await this.loop.run(name, ["--config", this.loop.path(`${name}.yaml`)]);
  }

  #lineOf(part: Part): Line | undefined {
    if (part === "device") return this.#lines.get(`gateway ${this.gateway}`);
    if (part === "link-to-fog") return this.#lines.get("fog");
    return part === "link-to-cloud" ? this.#lines.get("cloud") : undefined;
  }

  /** As the loop names it. */
  processOf(part: Part): string {
    if (part === "edge") return this.edge;
    return part === "simulator" ? "sim" : part;
  }

  /** Whatever state a failed row has left: everything runs on, so that it can end. */
  async close(): Promise<void> {
    for (const line of this.#lines.values()) line.close();
    for (const pid of this.loop.pids) {
      try {
        process.kill(pid, "SIGCONT");
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
  }
}

/** Items in the cloud's log. */
const itemsOf = async (loop: RealLoop): Promise<number> =>
  metric(
    await ask(urlOf(loop, "cloud", { what: "console", path: "/metrics" })),
    "weir_cloud_log_items",
  ) ?? 0;
