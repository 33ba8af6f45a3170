import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Configuration } from "../configuration/configuration.ts";
import { type Table, type ValueType, widthOf } from "../configuration/configuration.ts";
import { planBlocks } from "./block-plan.ts";
import { busLoad } from "./bus-budget.ts";

const fcOf = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;

interface Spec {
  unit: number;
  table: Table;
  address: number;
  type: ValueType;
  periodMs: number;
}

function configurationOf(specs: Spec[], limits: { maxRegisters: number; maxHole: number }) {
  const units = [...new Set(specs.map((spec) => spec.unit))];
  return {
    connections: [
      { index: 0, id: "plc", roundTripMs: 5, gapMs: 0, watchdog: undefined, ...limits },
    ],
    devices: units.map((unit, index) => ({ index, id: `D${unit}`, connection: 0, unit })),
    tags: specs.map((spec, index) => ({
      index,
      device: units.indexOf(spec.unit),
      place: { table: spec.table, address: spec.address },
      type: spec.type,
      periodMs: spec.periodMs,
    })),
  } as unknown as Configuration;
}

const specs = fc.array(
  fc
    .record({
      unit: fc.integer({ min: 1, max: 3 }),
      table: fc.constantFrom<Table>("coil", "discrete", "input", "holding"),
      address: fc.integer({ min: 0, max: 400 }),
      type: fc.constantFrom<ValueType>("int16", "uint32", "float32", "float64"),
      periodMs: fc.constantFrom(1_000, 2_000, 10_000),
    })
    .map((spec) =>
      spec.table === "coil" || spec.table === "discrete"
        ? { ...spec, type: "bool" as const }
        : spec,
    ),
  { minLength: 1, maxLength: 80 },
);
const limits = fc.record({
  maxRegisters: fc.integer({ min: 4, max: 125 }),
  maxHole: fc.integer({ min: 0, max: 20 }),
});

test("every tag is read once, whole, from its own unit and table, at its own period", () => {
  fc.assert(
    fc.property(specs, limits, (tags, limit) => {
      const blocks = planBlocks(configurationOf(tags, limit), 0);
      const seen = blocks.flatMap((block) =>
        block.points.map((point) => {
          const spec = elementAt(tags, point.index);
          expect(block.unit).toBe(spec.unit);
          expect(block.fc).toBe(fcOf[spec.table]);
          expect(block.periodMs).toBe(spec.periodMs);
          expect(block.address + point.offset).toBe(spec.address);
          expect(point.offset + widthOf[spec.type]).toBeLessThanOrEqual(block.count);
          return point.index;
        }),
      );
      expect(seen.sort((a, b) => a - b)).toEqual(tags.map((_, i) => i));
    }),
    { numRuns: 500 },
  );
});

test("no request is larger than allowed, none spans a larger hole, and neighbours are not split", () => {
  fc.assert(
    fc.property(specs, limits, (tags, limit) => {
      const configuration = configurationOf(tags, limit);
      const blocks = planBlocks(configuration, 0).filter((block) => block.fc >= 3);
      for (const block of blocks) {
        expect(block.count).toBeLessThanOrEqual(limit.maxRegisters);
        const used = new Set<number>();
        for (const { index, offset } of block.points) {
          for (let i = 0; i < widthOf[elementAt(tags, index).type]; i++) used.add(offset + i);
        }
        let hole = 0;
        for (let i = 0; i < block.count; i++) {
          hole = used.has(i) ? 0 : hole + 1;
          expect(hole).toBeLessThanOrEqual(limit.maxHole);
        }
      }
      for (const a of blocks) {
        for (const b of blocks) {
          if (a === b || a.unit !== b.unit || a.fc !== b.fc || a.periodMs !== b.periodMs) continue;
          if (b.address < a.address) continue;
          const isNear = b.address - (a.address + a.count) <= limit.maxHole;
          const first = present(b.points.find((point) => point.offset === 0));
          const width = widthOf[elementAt(tags, first.index).type];
          const fits =
            Math.max(b.address + width, a.address + a.count) - a.address <= limit.maxRegisters;
          expect(isNear && fits, "two blocks that could be one").toBe(false);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("the plant's largest gateway fits into two requests a second", () => {
  const tags = Array.from({ length: 60 }, (_, i) => ({
    unit: 1,
    table: "input" as const,
    address: 2 * i,
    type: "float32" as const,
    periodMs: i < 30 ? 1_000 : 2_000,
  }));
  const configuration = configurationOf(tags, { maxRegisters: 120, maxHole: 8 });
  const blocks = planBlocks(configuration, 0);
  expect(blocks).toHaveLength(2);
  expect(busLoad(blocks, elementAt(configuration.connections, 0)).requestsPerSecond).toBe(1.5);
});
