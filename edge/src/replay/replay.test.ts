import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { configurationOf } from "../../test/control-rig.ts";
import { readRecording } from "./recording.ts";
import { replay } from "./replay.ts";

const yaml = (high: number) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: plc}}
devices: [{id: D11, connection: plc, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, every: 1s, min: 0, max: 10, limits: {hardHigh: ${high}, onDelay: 3s, deadband: 0.1}, detect: {delta: {max: 0.5, window: 30s}}}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: CL-HIGH, when: {tag: CL01, above: hardHigh}, then: [{set: pump, to: off}]}]
`;

const startMs = Date.UTC(2026, 5, 2, 5);
const iso = (s: number) => new Date(startMs + s * 1_000).toISOString();

/** 1.2 mg/L, with a rise above 4 for ten seconds at each of `peaks`, seconds. */
function recorded(seconds: number, peaks: readonly number[], name = "edge-d/D11/CL01"): string {
  const rows = Array.from({ length: seconds }, (_, s) => {
    const isHigh = peaks.some((peak) => s >= peak && s < peak + 10);
    return `${iso(s)},${name},${isHigh ? 4.6 : 1.2 + (s % 3) / 100},good`;
  });
  return ["time,tag,value,quality", ...rows, ""].join("\n");
}

async function replayed(csv: string, high = 4) {
  const file = join(tempDir(), "week.csv");
  writeFileSync(file, csv);
  const configuration = configurationOf(yaml(high));
  const recording = await readRecording(file, configuration);
  return { recording, result: replay(configuration, recording) };
}

test("counts what would have tripped, and what would have been told", async () => {
  const { result } = await replayed(recorded(3_600, [600, 1_800]));
  expect(result.trips.map(({ rule, atMs }) => [rule, (atMs - startMs) / 1_000])).toEqual([
    ["CL-HIGH", 603],
    ["CL-HIGH", 1_803],
  ]);
  expect(result.alerts.filter(({ rule }) => rule === "delta").length).toBeGreaterThanOrEqual(2);
  expect((await replayed(recorded(3_600, [600, 1_800]), 5)).result.trips).toEqual([]);
});

test("rows in any order, other columns, a tag that is not known, missing values", async () => {
  const rows = recorded(900, [600]).trim().split("\n");
  const shuffled = [
    rows[0],
    ...rows.slice(1).reverse(),
    `${iso(5)},D99/XX01,1,good`,
    `${iso(901)},D11/CL01,,`,
  ];
  const { recording, result } = await replayed(shuffled.join("\n"));
  expect(recording.count).toBe(901);
  expect([...recording.unknown]).toEqual([["D99/XX01", 1]]);
  expect(result.trips).toHaveLength(1);
  const other = ["id;at_ms;mean", `D11/CL01;${startMs};1.5`].join("\n");
  expect((await replayed(other)).recording.values[0]).toBe(1.5);
});

test("faults name the line", async () => {
  await expect(replayed("when,what\n1,2\n")).rejects.toThrow(
    /week.csv:1 {2}the head line names no time, tag, value/,
  );
  await expect(replayed("time,tag,value\nyesterday,D11/CL01,2\n")).rejects.toThrow(
    /:2 {2}"yesterday" is no time/,
  );
});

test("readings thinner than configured are told, and are not stale for that", async () => {
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${iso(60 * i)},D11/CL01,${i > 100 && i < 110 ? 4.6 : 1.2}`,
  );
  const { result } = await replayed(["time,tag,value", ...rows].join("\n"));
  expect(result.sparse).toEqual([{ tag: "D11/CL01", everyMs: 60_000, configuredMs: 1_000 }]);
  expect(result.trips).toHaveLength(1);
});
