/** What people and the cloud do during a run: new thresholds, simulated trips, resets. */
import type { CommandBody } from "@weir/fog/downlink/command-desk.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { switchingRule } from "../plants/plant-cases.ts";
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

  #ruleOf(edge: string): { id: string; tag: string } {
    const { definition } = this.#world.options;
    return switchingRule(definition, edge) ?? { id: "", tag: "" };
  }

  #publish(edge: string): void {
    const registry = this.#world.cloud.cloud?.registry;
    if (!registry) return;
    const thresholds = {
      format: "weir-edge-thresholds-1",
      tags: { [this.#ruleOf(edge).tag]: { deltaMax: 0.2 + this.#random.integer(100) / 1_000 } },
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
    const rule = this.#ruleOf(edge).id;
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
