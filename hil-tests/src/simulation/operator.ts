/** What people and the cloud do during a run: new thresholds, simulated trips, resets. */
import type { CommandBody } from "@weir/fog/downlink/command-desk.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { switchingRule, tellingTag } from "../plants/plant-cases.ts";
import type { Agenda } from "./agenda.ts";
import type { World } from "./world.ts";

const hourMs = 3_600_000;
const publishEveryMs = 9 * hourMs;
const tripEveryMs = 15 * hourMs;
const resetAfterMs = 10 * 60_000;

export class Operator {
  /** Version published last, by edge. */
  readonly published = new Map<string, number>();
  readonly #world: World;
  readonly #agenda: Agenda;
  readonly #random: Random;

  constructor(world: World, agenda: Agenda, seed: number) {
    this.#world = world;
    this.#agenda = agenda;
    this.#random = seeded(seed, "operator");
  }

  nameOf(edge: string): string {
    return `thresholds/${edge}`;
  }

  start(): void {
    for (const { id } of this.#world.edges) {
      this.#again(publishEveryMs, () => this.#publish(id));
      this.#again(tripEveryMs, () => this.#trip(id));
    }
  }

  /** Turns on again what was turned off as a second path, and resets what is latched, before going home. */
  resetAll(): void {
    const { actuators, nowMs } = this.#world.plant;
    for (const actuator of actuators.values()) {
      if (actuator.spec.feeds !== undefined && !actuator.coil) actuator.command(true, nowMs);
    }
    for (const { id, edge } of this.#world.edges) {
      for (const rule of edge?.uplink.snapshot().control?.latchedTrips ?? []) {
        this.#send(id, { case: "resetTrip", value: { rule } });
      }
    }
  }

  #again(meanMs: number, act: () => void): void {
    const waitMs = Math.ceil(meanMs * (0.5 + this.#random.uniform()));
    this.#agenda.add(this.#world.clock.nowMs() + waitMs, () => {
      act();
      this.#again(meanMs, act);
    });
  }

  #publish(edge: string): void {
    const registry = this.#world.cloud.cloud?.registry;
    const told = tellingTag(this.#world.options.definition, edge);
    if (!registry || !told) return;
    const deltaMax = told.deltaMax * (2 / 3 + this.#random.integer(100) / 300);
    const thresholds = {
      format: "weir-edge-thresholds-1",
      tags: { [told.tag]: { deltaMax } },
    };
    const model = registry.register({
      kind: "thresholds",
      site: this.#world.site.site.id,
      name: this.nameOf(edge),
      stage: "",
      target: edge,
      payload: new TextEncoder().encode(JSON.stringify(thresholds)),
      mediaType: "application/json",
      trainedOn: "a simulation",
      metrics: {},
    });
    registry.publish(model);
    this.published.set(edge, model.version);
  }

  #trip(edge: string): void {
    const rule = switchingRule(this.#world.options.definition, edge) ?? "";
    this.#send(edge, { case: "simulateTrip", value: { rule } });
    this.#agenda.add(this.#world.clock.nowMs() + resetAfterMs, () =>
      this.#send(edge, { case: "resetTrip", value: { rule } }),
    );
  }

  /** A person's order is about now: an edge that is not there does not get it later. */
  #send(edge: string, body: CommandBody): void {
    const { fog } = this.#world.fog;
    void fog?.core.commands
      .send(edge, { body, by: "operator", reason: "simulation" })
      .catch(() => {});
  }
}
