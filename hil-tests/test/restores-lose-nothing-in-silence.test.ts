/**
 * Whatever is backed up, restored, killed or cloned, at any tier: an edge's counts balance, and what was
 * acknowledged is there in the end, or its loss is told with its range.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { balanced } from "@weir/contracts/ledger.ts";
import { noteSeed, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { expect, onTestFinished, test } from "vitest";
import { type Delivery, Tiers } from "../src/restores/tiers.ts";

async function begun(seed: number): Promise<Tiers> {
  const tiers = await new Tiers(seed).start();
  onTestFinished(() => tiers.end());
  return tiers;
}

const told = (tiers: Tiers, code: string): string[] =>
  (tiers.fog.fog?.core.integrity.list(1_000) ?? [])
    .filter((finding) => finding.code === code)
    .map(({ text }) => text);

test("a fog restored from a backup: five labels that people were answered for arrive at the cloud", async () => {
  const tiers = await begun(1);
  const { fog, cloud, clock } = tiers;
  await tiers.work(12);
  const backup = fog.files.backup(clock.nowMs());
  await tiers.work(30);
  fog.kill();
  fog.files.restore(backup, clock.nowMs());
  await fog.start();
  for (let i = 0; i < 5; i++) fog.label(`label ${i}`);
  await tiers.settle();
  expect((await cloud.labels()).sort()).toEqual([0, 1, 2, 3, 4].map((i) => `label ${i}`));
  expect(told(tiers, "restored")).toHaveLength(1);
  expect(told(tiers, "gap")[0]).toMatch(/edge-a delivered batches of readings \d+ to \d+ of boot/);
  expect(cloud.integrity.list(10)).toMatchObject([{ code: "set-back", subject: "harbour" }]);
});

test("a cloud restored: the gap is told with its range, and what the fog keeps is sent again", async () => {
  const tiers = await begun(2);
  const { fog, cloud, clock } = tiers;
  await tiers.work(6);
  fog.label("before");
  await tiers.settle();
  const backup = cloud.files.backup(clock.nowMs());
  for (let i = 0; i < 5; i++) fog.label(`label ${i}`);
  await tiers.settle();
  expect(await cloud.labels()).toHaveLength(6);
  fog.kill(); // Over a restart of the fog, too.
  await fog.start();
  await tiers.work(6);
  cloud.kill();
  cloud.files.restore(backup, clock.nowMs());
  cloud.start();
  expect(await cloud.labels()).toEqual(["before"]);
  await tiers.work(6);
  await tiers.settle();
  expect((await cloud.labels()).sort()).toEqual([
    "before",
    ...[0, 1, 2, 3, 4].map((i) => `label ${i}`),
  ]);
  expect(cloud.integrity.list(10)[0]?.text).toMatch(
    /items \d+ to \d+ of harbour had been acknowledged and are missing here/,
  );
  expect(told(tiers, "set-back")[0]).toMatch(/the cloud of harbour was restored.*are sent again/);
});

test("a cloud whose log is lost altogether gets what is kept, and hears of the rest", async () => {
  const tiers = await begun(3);
  const { fog, cloud } = tiers;
  await tiers.work(6);
  fog.label("one");
  await tiers.settle();
  const empty = await begun(4);
  const fresh = empty.cloud.files.backup(empty.clock.nowMs());
  cloud.kill();
  cloud.files.restore(fresh, tiers.clock.nowMs());
  cloud.start();
  fog.label("two");
  await tiers.settle();
  expect((await cloud.labels()).sort()).toEqual(["one", "two"]);
});

test("an edge rolled back again and again: each time it repeats its boot number, and nothing is lost", async () => {
  const tiers = await begun(5);
  const [edge] = tiers.edges;
  if (!edge) expect.fail("there is an edge");
  await tiers.work(3);
  const backup = edge.files.backup(tiers.clock.nowMs());
  const epochs = new Set<number>();
  for (let i = 0; i < 3; i++) {
    edge.kill();
    edge.files.restore(backup, tiers.clock.nowMs());
    edge.start();
    epochs.add(edge.outbox.epoch);
    await tiers.work(25);
  }
  expect(epochs.size).toBe(1);
  await tiers.settle();
  const kept = tiers.fog.readings();
  expect([...edge.acknowledged.keys()].filter((name) => !kept.has(name))).toEqual([]);
  // Two of three blocks hold 20 readings, the third one, thinned, 10.
  expect(edge.acknowledged.size).toBe(26 * (20 + 20 + 10));
  expect(told(tiers, "set-back").length).toBeGreaterThanOrEqual(2);
});

/** One history of accidents; every step is drawn. */
async function live(seed: number): Promise<void> {
  noteSeed(seed);
  const tiers = await begun(seed);
  const { random, clock, fog, cloud } = tiers;
  const backups = { fog: [] as string[], cloud: [] as string[], edge: [] as string[] };
  const labels: { id: string; atMs: number }[] = [];
  const fogRestores: { asOfMs: number; atMs: number }[] = [];
  const asOf = new Map<string, number>();
  const keep = (list: string[], folder: string) => {
    list.push(folder);
    asOf.set(folder, clock.nowMs());
  };
  const drawn = (list: readonly string[]) => list[random.integer(list.length)];
  const steps: (() => Promise<void> | void)[] = [
    () => tiers.work(1 + random.integer(12)),
    () => tiers.work(1 + random.integer(12)),
    () => {
      const label = { id: `label ${labels.length}`, atMs: clock.nowMs() };
      labels.push(label);
      fog.label(label.id);
    },
    () => keep(backups.fog, fog.files.backup(clock.nowMs())),
    () => keep(backups.cloud, cloud.files.backup(clock.nowMs())),
    () => keep(backups.edge, elementAt(tiers.edges, 0).files.backup(clock.nowMs())),
    () => {
      cloud.isReachable = random.uniform() < 0.5;
    },
    async () => {
      fog.kill();
      await fog.start();
    },
    () => {
      cloud.kill();
      cloud.start();
    },
    () => {
      elementAt(tiers.edges, 0).kill();
      elementAt(tiers.edges, 0).start();
    },
    async () => {
      const folder = drawn(backups.fog);
      if (!folder) return;
      fog.kill();
      fog.files.restore(folder, clock.nowMs());
      await fog.start();
      fogRestores.push({ asOfMs: asOf.get(folder) ?? 0, atMs: clock.nowMs() });
    },
    () => {
      const folder = drawn(backups.cloud);
      if (!folder) return;
      cloud.kill();
      cloud.files.restore(folder, clock.nowMs());
      cloud.start();
    },
    () => {
      const folder = drawn(backups.edge);
      if (!folder) return;
      elementAt(tiers.edges, 0).kill();
      elementAt(tiers.edges, 0).files.restore(folder, clock.nowMs());
      elementAt(tiers.edges, 0).start();
    },
    () => {
      if (tiers.edges.length > 1) return;
      const twin = elementAt(tiers.edges, 0).clone("edge-twin");
      twin.start();
      tiers.edges.push(twin);
    },
  ];
  for (let step = 0; step < 40; step++) {
    await clock.advance(1_000);
    await steps[random.integer(steps.length)]?.();
    for (const { outbox } of tiers.edges) expect(balanced(outbox.ledger(0))).toBe(true);
  }
  await tiers.settle();
  for (const { outbox } of tiers.edges) {
    const ledger = outbox.ledger(0);
    expect(balanced(ledger) && ledger.pending === 0, JSON.stringify(ledger)).toBe(true);
  }

  // A label is at the cloud, or was given to a fog that was set back to before it, which says so.
  const arrived = await cloud.labels();
  const namedLost = ({ atMs }: { atMs: number }) =>
    fogRestores.some((restore) => restore.asOfMs <= atMs && atMs <= restore.atMs);
  expect(told(tiers, "restored").length > 0).toBe(fogRestores.length > 0);
  const silent = labels.filter((label) => !arrived.includes(label.id) && !namedLost(label));
  expect(silent).toEqual([]);
  expect(new Set(arrived).size, "a label is taken once").toBe(arrived.length);

  // A reading that the fog has acknowledged is in its history, or Weir names the batch that it was in.
  const kept = fog.readings();
  const lost = tiers.edges
    .flatMap(({ acknowledged }) => [...acknowledged])
    .filter(([name]) => !kept.has(name));
  const isNamed = namesOf(tiers);
  expect(lost.filter(([, deliveries]) => !deliveries.some(isNamed))).toEqual([]);
}

/**
 * What Weir itself has told to be lost: batches by boot and number. Of a boot that runs nowhere any more, because its
 * edge was set back as well, nobody can say which batches there were: the fog names the time that it has lost.
 */
function namesOf(tiers: Tiers): (delivery: Delivery) => boolean {
  const gaps = told(tiers, "gap").flatMap((text) => {
    const found = /edge-a delivered batches of readings (\d+) to (\d+) of boot (\d+) /.exec(text);
    return found ? [found.slice(1).map(Number)] : [];
  });
  const spans = told(tiers, "restored").map((text) => {
    const [, to = "", from = ""] = / at (\S+Z): it is as of (\S+Z),/.exec(text) ?? [];
    return { fromMs: Date.parse(from), toMs: Date.parse(to) };
  });
  const running = new Set(tiers.edges.map(({ outbox }) => outbox.boot.incarnation));
  return ({ epoch, incarnation, sequence, atMs }) =>
    gaps.some(
      ([from = 0, to = -1, boot]) => boot === epoch && from <= sequence && sequence <= to,
    ) ||
    (!running.has(incarnation) && spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs));
}

for (const seed of seedsOf(sized(8, 400), 1)) {
  test(`seed ${seed}: nothing that was acknowledged is lost in silence`, () => live(seed));
}
