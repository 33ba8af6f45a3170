import { Catalogue } from "@weir/plants/catalogue.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { learnEdgeThresholds } from "./edge-thresholds.ts";
import type { TagMinutes } from "./training-task.ts";

const water = new Catalogue(builtinPack("water"));

/** A tag of some kind in its usual unit. */
const tag = (
  { kind = "chlorine_free", ...change }: Partial<TagMinutes> & { kind?: string },
  spread: number,
  minutes = 3_000,
): TagMinutes => {
  const known = water.kind(kind);
  const random = seeded(1);
  const noise = () =>
    Float64Array.from({ length: minutes }, () => spread * (1 + 0.1 * random.uniform()));
  return {
    id: "D11/CL01",
    learns: known?.learns,
    floor: Object.values(known?.units ?? {})[0]?.floor,
    resolution: 0.01,
    range: noise(),
    sd: noise(),
    ...change,
  };
};

test("a quiet chlorine probe gets a stricter jump, a noisy one never a looser one than the plant's", () => {
  expect(learnEdgeThresholds([tag({}, 0.12)]).tags["D11/CL01"]?.deltaMax).toBeCloseTo(0.198, 2);
  expect(learnEdgeThresholds([tag({}, 5)]).tags["D11/CL01"]?.deltaMax).toBe(0.3);
  expect(learnEdgeThresholds([tag({}, 0.001)]).tags["D11/CL01"]?.deltaMax).toBe(0.15);
});

test("the floor of a spread stays between 5 and 60 steps", () => {
  const turbidity = { id: "D05/TU01", kind: "turbidity", resolution: 0.01 };
  expect(learnEdgeThresholds([tag(turbidity, 0)]).tags["D05/TU01"]).toEqual({ sigmaFloor: 0.05 });
  expect(learnEdgeThresholds([tag(turbidity, 9)]).tags["D05/TU01"]).toEqual({ sigmaFloor: 0.6 });
});

test("nothing is learned of other kinds, from too little, or before the resolution is known", () => {
  const tags = [
    tag({ id: "a", kind: "flow" }, 1),
    tag({ id: "b" }, 1, 100),
    tag({ id: "c", kind: "turbidity", resolution: 0 }, 1),
  ];
  expect(learnEdgeThresholds(tags)).toEqual({ format: "weir-edge-thresholds-1", tags: {} });
});
