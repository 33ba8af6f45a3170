import { expect, test } from "vitest";
import { Quality } from "../conditioning/quality.ts";
import { NewestValues } from "./newest-values.ts";

const tags = [
  { id: "TANK/PH01", unit: "pH", resolution: 0.01 },
  { id: "TANK/LV01", unit: "m", resolution: 0 },
];

test("the newest reading of each tag, rounded to what its instrument tells", () => {
  const newest = new NewestValues();
  newest.take({ kind: "tags", tags, configSha256: "" });
  newest.take({
    kind: "readings",
    batch: {
      tags: Uint16Array.of(0, 0),
      timesMs: Float64Array.of(1_000, 2_000),
      values: Float64Array.of(7, 7.820000000000001),
      qualities: Uint8Array.of(Quality.GOOD, Quality.UNCERTAIN),
    },
  });
  expect(newest.list()).toEqual([
    { tag: "TANK/PH01", unit: "pH", value: 7.82, quality: "uncertain", atMs: 2_000 },
    { tag: "TANK/LV01", unit: "m", value: null, quality: "not read yet", atMs: 0 },
  ]);
});

test("another configuration begins anew; what is no number is none", () => {
  const newest = new NewestValues();
  newest.take({ kind: "tags", tags, configSha256: "" });
  newest.take({ kind: "tags", tags: tags.slice(1), configSha256: "" });
  newest.take({
    kind: "readings",
    batch: {
      tags: Uint16Array.of(0),
      timesMs: Float64Array.of(1_000),
      values: Float64Array.of(Number.NaN),
      qualities: Uint8Array.of(Quality.BAD),
    },
  });
  expect(newest.list()).toEqual([
    { tag: "TANK/LV01", unit: "m", value: null, quality: "bad", atMs: 1_000 },
  ]);
});
