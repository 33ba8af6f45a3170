/** The same minutes lived twice: with every reading sent, and with a tag of each filter policy. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { addLedgers, balanced, emptyLedger } from "@weir/contracts/ledger.ts";
import { present } from "@weir/contracts/present.ts";
import type { TagSettings } from "@weir/edge/configuration/configuration.ts";
import { loadScenario } from "@weir/firmware-sim/scenarios/read-scenario.ts";
import { expect, test } from "vitest";
import { type PlantCase, plantCases } from "../src/plants/plant-cases.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const minuteMs = 60_000;
const quietMinutes = 3;
const runMinutes = 6;
/** A hang detector, not a timing. */
const hangMs = 200_000;

type Policy = TagSettings["policy"];

/** The first sees the output run away, the others do not. */
const policiesOf = ({ runaway, filtered }: PlantCase): Record<string, Policy> => ({
  [runaway.tag]: "summary",
  [filtered.summary]: "summary",
  [filtered.thin]: "thin",
});

const summarisedOf = ({ plant, runaway, filtered }: PlantCase): string[] =>
  [runaway.tag, filtered.summary].map((id) => plant.sensorById(id)?.siteId ?? id);

interface Lived {
  fromMs: number;
  tags: string[];
  /** By tag id, one column a minute. */
  readings: Map<string, BlockColumn[]>;
  /** Of the summarised tags, by minute. */
  fogMinutes: Record<string, number[]>[];
  cloudMinutes: Map<string, object[]>;
  newest: unknown[];
  alerts: number;
  ledger: ReturnType<typeof emptyLedger>;
}

async function live(one: PlantCase, policyOf: (tag: string) => Policy): Promise<Lived> {
  const { plant: definition, runaway } = one;
  const summarised = summarisedOf(one);
  using folder = runFolder();
  const world = await new World({
    definition,
    seed: 5,
    folder: folder.path,
    policyOf,
  }).start();
  const fromMs = world.startMs + minuteMs;
  await world.advance(quietMinutes * minuteMs);
  for (const { inject } of loadScenario(definition, runaway.scenario).after)
    world.plant.inject(inject);
  await world.advance((runMinutes + 2) * minuteMs);
  const core = world.fog.fog?.core;
  const historian = world.cloud.cloud?.historian;
  if (!core || !historian) expect.fail("fog and cloud should live");
  const toMs = fromMs + (quietMinutes + runMinutes) * minuteMs;
  const readings = new Map<string, BlockColumn[]>();
  for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) {
    for (const [tag, column] of core.historian.reader.readings(atMs)) {
      const id = core.tags.rows[tag]?.id ?? "";
      readings.set(id, [...(readings.get(id) ?? []), column]);
    }
  }
  const fogMinutes = [...core.historian.reader.minutes(summarised, fromMs, toMs)].map((row) => {
    const { atMs, n, mean, min, max, sd, slope } = row;
    const columns = { n, mean, min, max, sd, slope };
    const plain = Object.entries(columns).map(([key, all]) => [key, [...all]] as const);
    return { atMs: [atMs], ...Object.fromEntries(plain) };
  });
  const cloudMinutes = await historian.minutely(definition.site.id, summarised, { fromMs, toMs });
  const alerts = world.chronicle.events.filter(
    ({ event }) => event.body.case === "alert" && event.body.value.tag === runaway.tag,
  );
  const ledgers = world.edges.map(({ edge }) => edge?.uplink.snapshot().ledger ?? emptyLedger());
  const newest = summarised.map((id) => core.historian.newest.of(core.tags.find(id)?.index ?? -1));
  const tags = core.tags.rows.map(({ id }) => id);
  for (const ledger of ledgers) expect(balanced(ledger)).toBe(true);
  const lived = { fromMs, tags, readings, fogMinutes, cloudMinutes, newest, alerts: alerts.length };
  await world.stop();
  return { ...lived, ledger: ledgers.reduce(addLedgers) };
}

const timesOf = (columns: BlockColumn[] | undefined): number[] =>
  (columns ?? []).flatMap(({ timesMs }) => [...timesMs]);

/** To what the fog's float32 keeps. */
function expectSame(some: object, others: object): void {
  for (const [key, value] of Object.entries(some)) {
    const other = (others as Record<string, unknown>)[key];
    const pairs = Array.isArray(value) ? value.map((x, i) => [x, (other as number[])[i]]) : [];
    for (const [a, b] of pairs.length > 0 ? pairs : [[value, other]]) {
      const off = Math.abs((a as number) - (b as number));
      expect(off, `${key}: ${a} or ${b}`).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(a as number)));
    }
  }
}

test.each(plantCases)(
  "$id: all keeps every reading, thin some of them, and minutes of a summarised tag are those of all its readings",
  async (one) => {
    const policies = policiesOf(one);
    const summarised = summarisedOf(one);
    const [eventful = "", calm = ""] = summarised;
    const all = await live(one, () => "all");
    const filtered = await live(one, (tag) => policies[tag] ?? "all");
    expect(filtered.tags).toEqual(all.tags);
    for (const id of all.tags) {
      const policy = policies[id.slice(id.indexOf("/") + 1)] ?? "all";
      const [kept, every] = [timesOf(filtered.readings.get(id)), timesOf(all.readings.get(id))];
      if (policy === "all") expect(kept, id).toEqual(every);
      else expect(new Set(kept).isSubsetOf(new Set(every)), id).toBe(true);
      if (policy === "thin") expect(kept.length).toBeLessThan(every.length / 4);
    }
    // Nothing happens to one of them; the other's own readings are there from its alert on.
    expect(timesOf(filtered.readings.get(calm))).toEqual([]);
    const told = timesOf(filtered.readings.get(eventful));
    expect(filtered.alerts).toBeGreaterThan(0);
    expect(told.length).toBeGreaterThan(30);
    expect(Math.min(...told)).toBeGreaterThan(all.fromMs + (quietMinutes - 1) * minuteMs);

    expect(filtered.fogMinutes.length).toBe(quietMinutes + runMinutes);
    for (const [i, row] of all.fogMinutes.entries()) {
      expectSame(row, present(filtered.fogMinutes[i]));
    }
    for (const id of summarised) {
      const minutes = all.cloudMinutes.get(id) ?? [];
      expect(minutes.length).toBeGreaterThanOrEqual(quietMinutes + runMinutes - 1);
      for (const [i, minute] of minutes.entries()) {
        expectSame(minute, present(filtered.cloudMinutes.get(id)?.[i]));
      }
    }
    expect(filtered.newest.every((newest) => newest !== undefined)).toBe(true);
    expect(filtered.ledger.thinned).toBeGreaterThan(0);
    expect(all.ledger.thinned).toBe(0);
  },
  hangMs,
);
