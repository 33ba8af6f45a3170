import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { edgeFile } from "@weir/firmware-sim/configuration/edge-file.ts";
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { writePlantFiles } from "../src/simulation/plant-files.ts";

test.each(plants)("every edge of the $id takes its configuration, tag for tag", (plant) => {
  const configurations = writePlantFiles(plant, tempDir(), { pollEveryS: 0 });
  expect([...configurations.keys()]).toEqual(plant.edges.map(({ id }) => id));
  const tags = [...configurations].flatMap(([edge, { tags }]) =>
    tags.map(({ id }) => `${edge}/${id}`),
  );
  expect(tags.sort()).toEqual(plant.sensors.map(({ siteId }) => siteId).sort());
});

const ports = new Map(waterWorks.gateways.map(({ id }, i) => [id, 15_020 + i]));

test.each([
  ["over TCP", 1, (i: number) => `tcp://127.0.0.1:${4_000 + i}`],
  ["on serial lines", 1, (i: number) => `/dev/ttyUSB${i}`],
  ["at sixty times the speed", 60, (i: number) => `/dev/ttyUSB${i}`],
])("the edge takes the configuration of every serial line %s", (_, rate, place) => {
  const lines = (waterWorks.serial?.lines ?? []).map(({ id, format }, i) => ({
    id,
    format,
    place: place(i),
  }));
  const text = edgeFile({
    plant: waterWorks,
    edge: "edge-d",
    host: "127.0.0.1",
    ports,
    serial: { lines, rate },
  });
  const file = join(tempDir(), "edge-d.yaml");
  writeFileSync(file, text);
  const loaded = loadConfiguration(file);
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
  const types = loaded.ok ? loaded.configuration.connections.map(({ type }) => type) : [];
  expect(new Set(types)).toEqual(new Set(["modbus-tcp", "modbus-rtu", "line", "sdi12", "frames"]));
});
