import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { parquetWriteFile } from "hyparquet-writer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { importParquet } from "../src/historian/parquet-import.hyparquet.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, startMs } from "./fog-rig.ts";

const hour = 3_600_000;
let folder: string;
let rig: FogRig;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "weir-import-"));
  rig = await new FogRig().start();
});
afterEach(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(
  name: string,
  fromMs: number,
  options: { stepMs: number; count: number; tags: string[] },
) {
  const rows = options.tags.flatMap((tag) =>
    Array.from({ length: options.count }, (_, i) => ({ tag, at: fromMs + i * options.stepMs, i })),
  );
  const filename = join(folder, name);
  const floats = (name: string, of: (i: number) => number) => ({
    name,
    data: rows.map(({ i }) => of(i)),
    type: "DOUBLE" as const,
  });
  parquetWriteFile({
    filename,
    columnData: [
      { name: "tag", data: rows.map(({ tag }) => tag), type: "STRING" },
      { name: "at_ms", data: rows.map(({ at }) => BigInt(at)), type: "INT64" },
      { name: "n", data: rows.map(() => 60), type: "INT32" },
      floats("mean", (i) => i),
      floats("min", (i) => i - 1),
      floats("max", (i) => i + 1),
      floats("sd", () => 0.5),
      floats("slope_per_s", () => 0.25),
    ],
  });
  return filename;
}

const take = (file: string) => importParquet(file, rig.fog.core);

const tags = ["edge-d/D11/CL01", "edge-w/W13/DO01"];

test("minutes and hours of before become history, once", async () => {
  const fromMs = startMs - 3 * hour;
  const minutes = write("minutes.parquet", fromMs, { stepMs: 60_000, count: 120, tags });
  expect(await take(minutes)).toEqual({
    rows: 240,
    tags: 2,
    width: "minute",
    buckets: 120,
    added: 120,
  });
  expect(await take(minutes)).toMatchObject({ added: 0 });
  const hours = write("hours.parquet", fromMs - 48 * hour, { stepMs: hour, count: 48, tags });
  expect(await take(hours)).toMatchObject({ width: "hour", buckets: 48, added: 48 });
  const { reader } = rig.fog.core.historian;
  const rows = [...reader.minutes(tags, fromMs, startMs)];
  expect(rows).toHaveLength(120);
  expect(rows[7]).toMatchObject({ atMs: fromMs + 7 * 60_000 });
  expect([...elementAt(rows, 7).mean]).toEqual([7, 7]);
  expect([...elementAt(rows, 7).slope]).toEqual([0.25, 0.25]);
  expect([...reader.hours(tags, 0, fromMs)]).toHaveLength(48);
  // The live plant goes on with the same tags.
  const edge = new FakeEdge("edge-d");
  const session = rig.door.connect("edge-d", () => {});
  await session.publish("birth", edge.birth(startMs));
  await session.publish("blocks", edge.blocks(seconds(startMs, 60)));
  await rig.clock.advance(3 * 60_000);
  expect(rig.fog.core.tags.find("edge-d/D11/CL01")?.tag.resolution).toBe(0.01);
  expect([...reader.minutes(tags, fromMs, startMs + 60_000)]).toHaveLength(121);
});

test("a file that is something else is refused in one sentence", async () => {
  const text = join(folder, "notes.parquet");
  writeFileSync(text, "not a parquet file at all");
  await expect(take(text)).rejects.toThrow(/notes\.parquet cannot be imported: /);
  await expect(take(join(folder, "absent.parquet"))).rejects.toThrow(/cannot be imported/);
  const odd = write("odd.parquet", startMs + 1, { stepMs: 60_000, count: 2, tags });
  await expect(take(odd)).rejects.toThrow(/not the start of a minute/);
  const unnamed = write("unnamed.parquet", startMs, { stepMs: 60_000, count: 2, tags: ["CL01"] });
  await expect(take(unnamed)).rejects.toThrow(/"CL01" is not/);
});
