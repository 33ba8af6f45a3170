/** What the cloud publishes is verified and run below; one flipped bit is refused, said so, and changes nothing. */
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { expect, test } from "vitest";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const secondMs = 1_000;
const edge = "edge-d";
const name = `thresholds/${edge}`;

const thresholds = (deltaMax: number) =>
  JSON.stringify({ format: "weir-edge-thresholds-1", tags: { "D11/CL01": { deltaMax } } });

function register(world: World, to: "edge" | "fog", payload: string) {
  const registry = world.cloud.cloud?.registry;
  return registry?.register({
    ...(to === "edge"
      ? { kind: "thresholds", name, stage: "", target: edge }
      : { kind: "fog-thresholds", name: "fog-thresholds/W13", stage: "W13", target: "fog" }),
    site: world.site.site.id,
    payload: new TextEncoder().encode(payload),
    mediaType: "application/json",
    trainedOn: "a test",
    metrics: {},
  } as Parameters<NonNullable<typeof registry>["register"]>[0]);
}

const running = (world: World) =>
  world.edge(edge).edge?.uplink.snapshot().control?.thresholdsVersion;

const outcomesOf = (world: World, of: string, version: number) =>
  world.cloud.cloud?.registry
    .list()
    .find((model) => model.name === of && model.version === version)
    ?.places.map(({ where, outcome }) => `${where} ${outcome}`) ?? [];

test("a published artifact becomes active; a damaged copy is refused and the running one stays", async () => {
  using folder = runFolder();
  const world = await new World({ definition: waterWorks, seed: 8, folder: folder.path }).start();
  const registry = world.cloud.cloud?.registry;
  await world.advance(10 * secondMs);

  const first = register(world, "edge", thresholds(0.25));
  registry?.publish({ name, version: first?.version ?? 0 });
  await world.advance(30 * secondMs);
  await world.cloud.cloud?.settled();
  expect(running(world)).toBe(1);
  expect(outcomesOf(world, name, 1)).toContain(`${edge} active`);

  const second = register(world, "edge", thresholds(0.2));
  registry?.tamper({ name, version: second?.version ?? 0 });
  await world.advance(30 * secondMs);
  await world.cloud.cloud?.settled();
  expect(running(world)).toBe(1);
  const written = world.fog.fog?.core.audit.recent(20) ?? [];
  expect(written.map(({ action }) => action)).toContain("artifact refused");
  expect(outcomesOf(world, name, 2).some((said) => said.endsWith(" refused"))).toBe(true);

  registry?.publish({ name, version: 2 });
  await world.advance(30 * secondMs);
  await world.cloud.cloud?.settled();
  expect(running(world)).toBe(2);
  expect(outcomesOf(world, name, 2)).toContain(`${edge} active`);

  // What an edge cannot understand comes back as its refusal, and the running version stays.
  const hardLimit = `{"format":"weir-edge-thresholds-1","tags":{"D11/CL01":{"hardHigh":9}}}`;
  const third = register(world, "edge", hardLimit);
  registry?.publish({ name, version: third?.version ?? 0 });
  await world.advance(30 * secondMs);
  await world.cloud.cloud?.settled();
  expect(running(world)).toBe(2);
  expect(outcomesOf(world, name, 3)).toContain(`${edge} refused`);

  // Taken down while the line is cut: it arrives when the line heals, also at an edge that was killed.
  world.edge(edge).line.cut();
  register(world, "edge", thresholds(0.22));
  registry?.publish({ name, version: 4 });
  await world.advance(60 * secondMs);
  expect(running(world)).toBe(2);
  world.edge(edge).kill();
  world.edge(edge).line.heal();
  world.edge(edge).start();
  await world.advance(60 * secondMs);
  expect(running(world)).toBe(4);

  const fog = register(
    world,
    "fog",
    `{"format":"weir-fog-thresholds-1","stage":"W13","threshold":1.2}`,
  );
  registry?.publish({ name: fog?.name ?? "", version: 1 });
  await world.advance(60 * secondMs);
  await world.cloud.cloud?.settled();
  expect(outcomesOf(world, "fog-thresholds/W13", 1)).toContain("fog active");
  await world.stop();
});
