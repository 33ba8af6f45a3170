import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "@weir/runtime/cli.ts";
import { parseYaml } from "@weir/runtime/yaml-source.ts";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { afterAll, expect, test } from "vitest";
import { edgeFile } from "./configuration/edge-file.ts";
import { siteModel } from "./configuration/site-file.ts";
import type { SerialKit } from "./plant-definition/serial-kit.ts";
import { waterWorks } from "./plants/water-works/water-works.ts";
import { program } from "./program.ts";

const { gateways, registerMaps, sensors } = waterWorks;
const { lines: serialLines, rtuInstruments } = waterWorks.serial as SerialKit;
const dir = mkdtempSync(join(tmpdir(), "weir-sim-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function weirSim(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runProgram(program, argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env: {},
    isTTY: false,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("--help names every command and every option", async () => {
  const help = await weirSim("--help");
  expect(help.code).toBe(0);
  for (const name of ["run", "configure", "export", "scenarios", "status"]) {
    expect(help.out).toContain(name);
  }
  const run = await weirSim("run", "--help");
  for (const flag of ["--seed", "--scenario", "--ports", "--truth", "--history-dir", "--hold"]) {
    expect(run.out).toContain(flag);
  }
});

test.each([
  [["run", "--sede", "3"], 2, "did you mean --seed?"],
  [["run", "--seed", "x"], 2, '--seed "x" is not a number'],
  [["run", "--ports", "15020,3"], 1, "--ports"],
  [["run", "--ports", "7,7,8,9,10,11"], 1, "6 different ports"],
  [["run", "--scenario", "stroy"], 1, "did you mean story?"],
  [["run", "--clock", "fast"], 1, 'clock "fast" is not'],
  [["export", "--until", "tomorrow"], 1, '--until "tomorrow" is not an ISO 8601 time'],
  [["status"], 1, "neither --url nor --data-dir is given"],
  [["status", "--url", "http://127.0.0.1:1"], 1, "no simulator answers"],
])("%s is refused in one sentence", async (argv, code, text) => {
  const result = await weirSim(...argv);
  expect(result.code).toBe(code);
  expect(result.err).toContain(text);
});

test("configure writes a site and two edges that hold every sensor at its register", async () => {
  const out = join(dir, "config");
  const uplink = "mqtts://127.0.0.1:8883";
  const result = await weirSim("configure", "--ports", "15020", "--out", out, "--uplink", uplink);
  expect(result.code).toBe(0);
  const site = parseYaml("site.yaml", readFileSync(join(out, "site.yaml"), "utf8"));
  expect(site.ok && site.root).toEqual(JSON.parse(JSON.stringify(siteModel(waterWorks))));

  type Tag = { read: string; type: string };
  type Edge = {
    uplink: { url: string };
    connections: Record<string, { port: number }>;
    devices: { id: string; connection: string; tags: Record<string, Tag> }[];
    safety: { id: string }[];
  };
  const found = new Map<string, Tag & { connection: string }>();
  for (const name of ["edge-w", "edge-d"]) {
    const parsed = parseYaml(name, readFileSync(join(out, `${name}.yaml`), "utf8"));
    const edge = (parsed.ok ? parsed.root : {}) as Edge;
    expect(edge.uplink.url).toBe(uplink);
    expect(edge.safety.map((rule) => rule.id)).toContain("CL-HIGH");
    for (const { id, connection, tags } of edge.devices) {
      for (const [tag, fields] of Object.entries(tags)) {
        found.set(`${name}/${id}/${tag}`, { ...fields, connection });
      }
    }
  }
  expect([...found.keys()].sort()).toEqual(sensors.map((sensor) => sensor.siteId).sort());
  for (const map of registerMaps.values()) {
    for (const { sensor, address, type } of map.values) {
      const read = `${map.gateway.encoding.table}:${address}`;
      expect(found.get(sensor.siteId)).toMatchObject({ read, type, connection: map.gateway.id });
    }
  }
});

test("an edge that holds serial lines is told of every instrument on them", () => {
  const format = { baud: 9_600, dataBits: 8, parity: "E", stopBits: 1 } as const;
  const lines = serialLines.map(({ id }, i) => ({
    id,
    place: i % 2 === 0 ? `tcp://127.0.0.1:${4_000 + i}` : `/dev/${id}`,
    format,
  }));
  const ports = new Map(gateways.map(({ id }, i) => [id, 15_020 + i]));
  const serial = { lines, rate: 60 };
  const text = edgeFile({ plant: waterWorks, edge: "edge-d", host: "127.0.0.1", ports, serial });
  const parsed = parseYaml("edge-d.yaml", text);
  const edge = (parsed.ok ? parsed.root : {}) as {
    connections: Record<string, Record<string, unknown>>;
    devices: { id: string; connection: string; tags: Record<string, { every: string }> }[];
    outputs: Record<string, { write: string }>;
  };
  expect(edge.connections["rtu"]).toMatchObject({
    type: "modbus-rtu",
    host: "127.0.0.1",
    port: 4_000,
  });
  expect(edge.connections["wq"]).toMatchObject({
    type: "line",
    port: "/dev/wq",
    checksum: "nmea-xor",
  });
  const on = (line: string) => edge.devices.filter(({ connection }) => connection === line);
  for (const { id } of serialLines) expect(on(id).length, id).toBeGreaterThan(0);
  expect(on("rtu").map(({ id }) => id)).toEqual(rtuInstruments.map(({ device }) => device));
  // Two real seconds are two minutes of a plant that lives sixty times as fast.
  expect(on("rtu")[0]?.tags["DO01"]?.every).toBe("120s");
  expect(edge.outputs["spare_relay_1"]?.write).toBe("coil rtu/40:0");
});

test("export writes hours and minutes, sorted, with the statistics of the samples", async () => {
  const out = join(dir, "history");
  const argv = ["export", "--days", "1", "--fine-days", "1", "--scenario", "quiet", "--out", out];
  expect((await weirSim(...argv)).code).toBe(0);
  const hoursFile = await asyncBufferFromFile(join(out, "hours.parquet"));
  const hours = await parquetReadObjects({ file: hoursFile });
  expect(hours).toHaveLength(280 * 24);
  const keys = hours.map((row) => `${row["tag"]} ${row["at_ms"]}`);
  expect(keys).toEqual([...keys].sort());

  const tag = "edge-d/D11/CL01";
  const hour = hours.find((row) => row["tag"] === tag && row["n"] === 3600);
  expect(hour).toBeDefined();
  const minutesFile = await asyncBufferFromFile(join(out, "minutes.parquet"));
  expect(Number((await parquetMetadataAsync(minutesFile)).num_rows)).toBe(280 * 1440);
  const place = [...new Set(hours.map((row) => row["tag"]))].indexOf(tag);
  const rowStart = place * 1440;
  const minutes = await parquetReadObjects({
    file: minutesFile,
    rowStart,
    rowEnd: rowStart + 1440,
  });
  expect(new Set(minutes.map((row) => row["tag"]))).toEqual(new Set([tag]));
  const within = minutes.filter(
    (row) => row["at_ms"] >= hour?.["at_ms"] && row["at_ms"] < hour?.["at_ms"] + 3_600_000,
  );
  expect(within).toHaveLength(60);
  const mean = within.reduce((sum, row) => sum + row["mean"], 0) / 60;
  expect(mean).toBeCloseTo(hour?.["mean"], 6);
  expect(hour?.["sd"]).toBeGreaterThan(0.004);
  expect(hour?.["sd"]).toBeLessThan(0.03);
}, 120_000);
