/** What the cloud publishes is verified and run below; one flipped bit is refused, said so, and changes nothing. */
import type { Cloud } from "@weir/cloud/cloud.ts";
import { expect, test } from "vitest";
import { type PlantCase, plantCases } from "../src/plants/plant-cases.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;

/** One edge's thresholds on their way down; `case` names what is moved. */
class Thresholds {
  readonly edge: string;
  readonly name: string;
  readonly stage: string;
  readonly #world: World;
  readonly #tag: string;
  readonly #usual: number;

  constructor(world: World, { runaway, hidden }: PlantCase) {
    this.#world = world;
    this.edge = runaway.edge;
    this.name = `thresholds/${runaway.edge}`;
    this.stage = hidden.stage;
    this.#tag = runaway.tag;
    this.#usual = runaway.deltaMax;
  }

  get #registry() {
    return this.#world.cloud.cloud?.registry;
  }

  #register(
    fields: { kind: string; name: string; stage: string; target: string },
    payload: object,
  ) {
    return this.#registry?.register({
      ...fields,
      site: this.#world.site.site.id,
      payload: new TextEncoder().encode(JSON.stringify(payload)),
      mediaType: "application/json",
      trainedOn: "a test",
      metrics: {},
    } as Parameters<Cloud["registry"]["register"]>[0]);
  }

  /** `share` of what the edge is configured with. */
  delta(share: number) {
    return this.edgeWide({ deltaMax: share * this.#usual });
  }

  edgeWide(settings: object) {
    const { name, edge } = this;
    const payload = { format: "weir-edge-thresholds-1", tags: { [this.#tag]: settings } };
    return this.#register({ kind: "thresholds", name, stage: "", target: edge }, payload);
  }

  fog(threshold: number) {
    const { stage } = this;
    const name = `fog-thresholds/${stage}`;
    const payload = { format: "weir-fog-thresholds-1", stage, threshold };
    return this.#register({ kind: "fog-thresholds", name, stage, target: "fog" }, payload);
  }

  get running() {
    const { edge } = this.#world.edge(this.edge);
    return edge?.uplink.snapshot().control?.thresholdsVersion;
  }

  outcomes(version: number | undefined, of = this.name): string[] {
    const model = this.#registry?.list().find((one) => one.name === of && one.version === version);
    return model?.places.map(({ where, outcome }) => `${where} ${outcome}`) ?? [];
  }
}

test.each(plantCases)(
  "$id: a published artifact becomes active; a damaged copy is refused and the running one stays",
  async (one) => {
    using folder = runFolder();
    const { plant: definition } = one;
    const world = await new World({ definition, seed: 8, folder: folder.path }).start();
    const moved = new Thresholds(world, one);
    const { name, edge } = moved;
    const registry = world.cloud.cloud?.registry;
    await world.advance(10 * secondMs);

    const first = moved.delta(0.8);
    registry?.publish({ name, version: first?.version ?? 0 });
    await world.advance(30 * secondMs);
    await world.cloud.cloud?.settled();
    expect(moved.running).toBe(first?.version);
    expect(moved.outcomes(first?.version)).toContain(`${edge} active`);

    const second = moved.delta(0.7);
    registry?.tamper({ name, version: second?.version ?? 0 });
    await world.advance(30 * secondMs);
    await world.cloud.cloud?.settled();
    expect(moved.running).toBe(first?.version);
    const written = world.fog.fog?.core.audit.recent(20) ?? [];
    expect(written.map(({ action }) => action)).toContain("artifact refused");
    expect(moved.outcomes(second?.version).some((said) => said.endsWith(" refused"))).toBe(true);

    registry?.publish({ name, version: second?.version ?? 0 });
    await world.advance(30 * secondMs);
    await world.cloud.cloud?.settled();
    expect(moved.running).toBe(second?.version);
    expect(moved.outcomes(second?.version)).toContain(`${edge} active`);

    // What an edge cannot understand comes back as its refusal, and the running version stays.
    const third = moved.edgeWide({ hardHigh: 9 });
    registry?.publish({ name, version: third?.version ?? 0 });
    await world.advance(30 * secondMs);
    await world.cloud.cloud?.settled();
    expect(moved.running).toBe(second?.version);
    expect(moved.outcomes(third?.version)).toContain(`${edge} refused`);

    // Taken down while the line is cut: it arrives when the line heals, also at an edge that was killed.
    world.edge(edge).line.cut();
    const fourth = moved.delta(0.75);
    registry?.publish({ name, version: fourth?.version ?? 0 });
    await world.advance(60 * secondMs);
    expect(moved.running).toBe(second?.version);
    world.edge(edge).kill();
    world.edge(edge).line.heal();
    world.edge(edge).start();
    await world.advance(60 * secondMs);
    expect(moved.running).toBe(fourth?.version);

    const fog = moved.fog(1.2);
    registry?.publish({ name: fog?.name ?? "", version: fog?.version ?? 0 });
    await world.advance(60 * secondMs);
    await world.cloud.cloud?.settled();
    expect(moved.outcomes(fog?.version, fog?.name)).toContain("fog active");
    await world.stop();
  },
);
