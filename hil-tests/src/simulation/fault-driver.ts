/** Makes the faults of a run happen, by chance of its seed, and ends them. */
import assert from "node:assert";
import { type Random, seeded } from "@weir/runtime/random.ts";
import type { Agenda } from "./agenda.ts";
import type { EdgeHost } from "./edge-host.ts";
import type { Faults, Outages } from "./faults.ts";
import type { World } from "./world.ts";

/** One thing that can be broken and mended. */
interface Breakable {
  name: string;
  outages: Outages | undefined;
  down: () => void;
  up: () => void | Promise<void>;
}

export class FaultDriver {
  /** What happened, for the report of a failure: "1 d 03:12:44.000 fog killed". */
  readonly log: { atMs: number; what: string }[] = [];
  readonly #world: World;
  readonly #agenda: Agenda;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #broken = new Map<string, Breakable>();
  readonly #all: Breakable[];

  constructor(world: World, agenda: Agenda, options: { seed: number; faults: Faults }) {
    this.#world = world;
    this.#agenda = agenda;
    this.#faults = options.faults;
    this.#random = seeded(options.seed, "faults");
    this.#all = this.#breakables();
  }

  /** How often something broke and was mended. */
  get downCount(): number {
    return this.log.filter(({ what }) => what.endsWith(" up")).length;
  }

  /** Skew of an edge's calendar at its next boot. */
  bootSkewMs(): number {
    const maxMs = this.#faults.clock?.skewMsMax ?? 0;
    return Math.round((2 * this.#random.uniform() - 1) * maxMs);
  }

  start(): void {
    for (const one of this.#all) if (one.outages) this.#planBreak(one, one.outages);
  }

  /** Breaks the named thing at `atMs` for `forMs`, besides what chance does. */
  plan(name: string, { atMs, forMs }: { atMs: number; forMs: number }): void {
    const one = this.#all.find((candidate) => candidate.name === name);
    assert(one, `nothing is called ${name}`);
    this.#agenda.add(atMs, () => this.#break(one, forMs));
  }

  /** Mends everything; nothing breaks any more. */
  async healAll(): Promise<void> {
    this.#agenda.clear();
    this.#world.cloudLine.calm();
    for (const { line } of this.#world.edges) line.calm();
    for (const one of [...this.#broken.values()]) await this.#mend(one);
  }

  /** Cuts every bus for good: no more readings come, so that those that came can be counted to the last. */
  silence(): void {
    for (const one of this.#all.filter(({ name }) => name.startsWith("bus "))) {
      this.#note(`${one.name} down`);
      one.down();
    }
  }

  #planBreak(one: Breakable, outages: Outages): void {
    this.#agenda.add(this.#world.clock.nowMs() + this.#exponential(outages.everyMsMean), () => {
      this.#break(one, this.#exponential(outages.forMsMean), outages);
    });
  }

  #break(one: Breakable, forMs: number, next?: Outages): void {
    const untilMs = this.#world.clock.nowMs() + forMs;
    if (!this.#broken.has(one.name)) {
      this.#broken.set(one.name, one);
      this.#note(`${one.name} down`);
      one.down();
    }
    this.#agenda.add(untilMs, async () => {
      if (this.#broken.has(one.name)) await this.#mend(one);
      if (next) this.#planBreak(one, next);
    });
  }

  async #mend(one: Breakable): Promise<void> {
    this.#broken.delete(one.name);
    this.#note(`${one.name} up`);
    await one.up();
  }

  #breakables(): Breakable[] {
    const world = this.#world;
    const { power, fogToCloud } = this.#faults;
    return [
      ...world.edges.flatMap((edge) => this.#ofEdge(edge)),
      {
        name: "line to the cloud",
        outages: fogToCloud?.cuts,
        down: () => world.cloudLine.cut(),
        up: () => world.cloudLine.heal(),
      },
      {
        name: "fog",
        outages: power?.fog,
        down: () => world.killFog(),
        up: () => world.fog.start(),
      },
      {
        name: "cloud",
        outages: power?.cloud,
        down: () => world.killCloud(),
        up: () => world.startCloud(),
      },
    ];
  }

  #ofEdge(edge: EdgeHost): Breakable[] {
    const { power, edgeToFog, bus } = this.#faults;
    const buses = [...edge.gateways].map(([id, line]) => ({
      name: `bus ${id}`,
      outages: bus?.cuts,
      down: () => line.cut(),
      up: () => line.heal(),
    }));
    return [
      {
        name: edge.id,
        outages: power?.edge,
        down: () => edge.kill(),
        up: () => edge.start(this.bootSkewMs()),
      },
      {
        name: `line of ${edge.id}`,
        outages: edgeToFog?.cuts,
        down: () => edge.line.cut(),
        up: () => edge.line.heal(),
      },
      {
        name: `half-open line of ${edge.id}`,
        outages: this.#faults.halfOpen,
        down: () => edge.line.stall(),
        up: () => edge.line.unstall(),
      },
      {
        name: `disk of ${edge.id}`,
        outages: this.#faults.disk,
        down: () => {
          edge.disk.isFull = true;
        },
        up: () => {
          edge.disk.isFull = false;
        },
      },
      this.#calendarOf(edge),
      ...buses,
    ];
  }

  #calendarOf(edge: EdgeHost): Breakable {
    const { jumps } = this.#faults.clock ?? {};
    let wrongByMs = 0;
    let boot = 0;
    return {
      name: `calendar of ${edge.id}`,
      outages: jumps,
      down: () => {
        wrongByMs = Math.round((2 * this.#random.uniform() - 1) * (jumps?.byMsMax ?? 0));
        boot = edge.bootCount;
        edge.jumpCalendar(wrongByMs);
      },
      // A boot meanwhile has set it right already.
      up: () => {
        if (edge.bootCount === boot) edge.jumpCalendar(-wrongByMs);
      },
    };
  }

  #exponential(meanMs: number): number {
    return Math.ceil(-Math.log(1 - this.#random.uniform()) * meanMs);
  }

  #note(what: string): void {
    this.log.push({ atMs: this.#world.elapsedMs, what });
  }
}
