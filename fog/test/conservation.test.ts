/** Whatever dies, whenever: every acknowledged reading is in the history once and reaches the cloud once. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { present } from "@weir/contracts/present.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { expect, test } from "vitest";
import type { MemorySession } from "../src/broker/memory-door.ts";
import { FakeCloud } from "./fake-cloud.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, startMs } from "./fog-rig.ts";

const steps = 90;

/** An edge with an outbox: a batch leaves it when it has been acknowledged. */
class RiggedEdge {
  readonly edge: FakeEdge;
  readonly sent: string[] = [];
  readonly rig: FogRig;
  session: MemorySession | undefined;
  outbox: { bytes: Uint8Array; readings: string[] }[] = [];
  #atMs = startMs;

  constructor(rig: FogRig, name: string) {
    this.rig = rig;
    this.edge = new FakeEdge(name);
  }

  async connect(): Promise<void> {
    this.session = this.rig.door.connect(this.edge.edge, () => {});
    await this.session.publish("birth", this.edge.birth(this.rig.clock.nowMs())).catch(() => {});
  }

  /** Acquires the seconds since the last call into one batch. */
  acquire(backlog: boolean): void {
    const timesMs: number[] = [];
    for (; this.#atMs <= this.rig.clock.nowMs(); this.#atMs += 1_000) timesMs.push(this.#atMs);
    if (timesMs.length === 0) return;
    const readings = this.edge.tags.flatMap((tag) =>
      timesMs.map((atMs) => `${this.edge.edge}/${tag.id}@${atMs}`),
    );
    this.sent.push(...readings);
    this.outbox.push({ bytes: this.edge.blocks(timesMs, { backlog }), readings });
  }

  /** Sends what waits; what is not acknowledged stays. `order`: live before backlog. */
  async drain(random: Random): Promise<void> {
    const newestFirst = random.uniform() < 0.3;
    for (const batch of newestFirst ? [...this.outbox].reverse() : [...this.outbox]) {
      const acked = await this.session?.publish("blocks", batch.bytes).then(
        () => true,
        () => false,
      );
      if (!acked) return;
      // Sometimes the PUBACK is lost, and the batch comes again.
      if (random.uniform() < 0.9) this.outbox = this.outbox.filter((kept) => kept !== batch);
    }
  }
}

async function live(seed: number): Promise<void> {
  const random = seeded(seed);
  const cloud = new FakeCloud();
  cloud.mood = () => (random.uniform() < 0.2 ? "deaf" : random.uniform() < 0.1 ? "mute" : "well");
  const rig = await new FogRig({ cloud: { link: cloud, trustedKeys: [] } }).start();
  const edges = [new RiggedEdge(rig, "edge-d"), new RiggedEdge(rig, "edge-w")];
  for (const edge of edges) await edge.connect();
  for (let step = 0; step < steps; step++) {
    await rig.clock.advance(1_000 + random.integer(20_000));
    for (const edge of edges) {
      const chance = random.uniform();
      if (chance < 0.05) {
        edge.session?.close();
        edge.session = undefined;
      }
      if (chance > 0.6 && !edge.session) await edge.connect();
      edge.acquire(!edge.session);
      const draining = edge.drain(random);
      if (random.uniform() < 0.06) {
        rig.fog.kill(); // In the midst of it.
        await draining;
        await rig.start();
        for (const each of edges) if (each.session) await each.connect();
      } else {
        await draining;
      }
    }
  }
  cloud.mood = () => "well";
  for (const edge of edges) {
    await edge.connect();
    edge.acquire(false);
    while (edge.outbox.length > 0) await edge.drain(random);
    edge.session?.close();
  }
  await rig.clock.advance(5 * 60_000);
  const sent = edges.flatMap((edge) => edge.sent).sort();
  expect(historyOf(rig).sort()).toEqual(sent);
  expect(cloudReadings(cloud, rig).sort()).toEqual(sent);
  expect(Object.values(rig.stored).reduce((a, b) => a + b)).toBe(sent.length);
  await rig.stop();
}

function historyOf(rig: FogRig): string[] {
  const { historian } = rig.fog.core;
  const span = historian.span();
  const readings: string[] = [];
  for (let at = span?.fromMs ?? 0; span && at <= span.toMs; at += 60_000) {
    readings.push(...named(rig, [...historian.reader.readings(at).values()]));
  }
  return readings;
}

function cloudReadings(cloud: FakeCloud, rig: FogRig): string[] {
  const tables = new Map(
    cloud.bodies("tags").map(({ dictionary, tags }) => [
      dictionary,
      makeDictionary(
        tags.map(({ tag }) => ({
          resolution: present(tag).resolution,
          periodMs: present(tag).periodMs,
        })),
      ),
    ]),
  );
  return cloud.bodies("minute").flatMap(({ block }) => {
    for (const dictionary of tables.values()) {
      const decoded = decodeBlock(dictionary, block);
      if (decoded.ok) return named(rig, decoded.columns);
    }
    throw new Error("a minute came before its tag table");
  });
}

const named = (rig: FogRig, columns: readonly BlockColumn[]): string[] =>
  columns.flatMap(({ tag, timesMs }) =>
    [...timesMs].map((atMs) => `${rig.fog.core.tags.rows[tag]?.id}@${atMs}`),
  );

for (const seed of seedsOf(sized(8, 500), 1)) {
  test(`seed ${seed}`, () => live(seed));
}
