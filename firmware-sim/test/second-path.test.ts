import { expect, test } from "vitest";
import { outputsOf } from "../src/configuration/outputs.ts";
import type { Plant } from "../src/create-plant.ts";
import { waterWorks } from "../src/plants/water-works/water-works.ts";
import { inject, quietPlant } from "./quiet-plant.ts";

const live = (plant: Plant, seconds: number) => plant.advanceTo(plant.nowMs + seconds * 1000);
const runs = (plant: Plant) => plant.read("plc-d-b", "discrete", 0, 1);
const yes = { ok: true, values: [1] };
const no = { ok: true, values: [0] };

test("a welded contactor keeps the pump running until its breaker, at another controller, is opened", () => {
  const plant = quietPlant();
  inject(plant, { actuator: "D11.dosing", failure: "welded" });
  plant.write("plc-d-b", "coil", 0, [0]);
  live(plant, 20);
  expect(runs(plant)).toEqual(yes);
  const outputs = outputsOf(waterWorks, ["plc-d-a", "plc-d-b", "plc-m"]) as unknown as Record<
    string,
    Output
  >;
  const secondary = outputs["dosing_pump_d11"]?.secondary ?? "";
  const coil = Number(/coil plc-m\/1:(\d+)/.exec(outputs[secondary]?.write ?? "")?.[1]);
  plant.write("plc-m", "coil", coil, [0]);
  live(plant, 5);
  expect(runs(plant)).toEqual(no);
  plant.write("plc-m", "coil", coil, [1]);
  live(plant, 10);
  expect(runs(plant)).toEqual(yes);
});

interface Output {
  write: string;
  secondary?: string;
}

test("an edge that does not reach the breaker is not told of it", () => {
  const outputs = outputsOf(waterWorks, ["plc-d-b"]) as unknown as Record<string, Output>;
  expect(outputs["dosing_pump_d11"]?.secondary).toBeUndefined();
});

test("a dip of the mains stops what turns, and all of it starts again", () => {
  const plant = quietPlant();
  const pump = plant.actuators.get("D14.motor");
  const blower = plant.actuators.get("W13.blower");
  inject(plant, { "power-dip": "4s" });
  live(plant, 3);
  expect(pump?.position).toBeLessThan(0.7);
  expect(blower?.position).toBeLessThan(0.9);
  live(plant, 60);
  expect([pump?.position, blower?.position]).toEqual([1, 1]);
  expect(plant.truth().find(({ type }) => type === "power-dip")).toMatchObject({
    kind: "operations",
    severity: 0,
  });
});
