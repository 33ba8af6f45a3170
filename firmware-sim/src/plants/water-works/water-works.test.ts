import { expect, test } from "vitest";
import { waterWorks } from "./water-works.ts";

const { registerMaps, sensorById, sensors, stages } = waterWorks;

test("45 stages in flow order, each upstream one known", () => {
  expect(stages).toHaveLength(45);
  expect(new Set(stages.map((stage) => stage.id)).size).toBe(45);
  const ids = stages.map((stage) => stage.id);
  for (const stage of stages) {
    for (const from of stage.upstream) expect(ids, `${stage.id} ← ${from}`).toContain(from);
  }
});

test("280 sensors with the class counts and the 140.0 readings/s", () => {
  const counts: Record<string, number> = {};
  for (const { sensorClass } of sensors) counts[sensorClass] = (counts[sensorClass] ?? 0) + 1;
  expect(counts).toEqual({
    CL: 26,
    PH: 44,
    TU: 42,
    DO: 26,
    FL: 45,
    LV: 30,
    PR: 20,
    MO: 12,
    SL: 35,
  });
  expect(sensors.reduce((rate, sensor) => rate + 1 / sensor.periodS, 0)).toBeCloseTo(140, 9);
});

test("tags are unique site-wide and by stage, and found by either name", () => {
  expect(new Set(sensors.map((sensor) => sensor.id)).size).toBe(280);
  expect(new Set(sensors.map((sensor) => sensor.siteId)).size).toBe(280);
  expect(sensorById("D11/CL01")).toBe(sensorById("edge-d/D11/CL01"));
  expect(sensorById("D14/MO01")?.siteId).toBe("edge-d/D14-M/MO01");
});

test("a device of an edge lives on one connection", () => {
  const gatewayOfDevice = new Map<string, string>();
  for (const { edge, device, gateway } of sensors) {
    const known = gatewayOfDevice.get(`${edge}/${device}`) ?? gateway;
    expect(gateway, `${edge}/${device}`).toBe(known);
    gatewayOfDevice.set(`${edge}/${device}`, gateway);
  }
});

test("register maps have no hole and hold every sensor once", () => {
  let total = 0;
  for (const map of registerMaps.values()) {
    let next = 0;
    for (const { address, type } of map.values) {
      expect(address).toBe(next);
      next += type === "int16" ? 1 : 2;
    }
    for (const { address } of map.status) expect(address).toBe(next++);
    expect(map.heartbeatCounter).toBe(next);
    expect(map.valueCount).toBe(next + 1);
    total += map.values.length;
  }
  expect(total).toBe(280);
});
