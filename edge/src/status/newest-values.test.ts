import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { expect, test } from "vitest";
import { idleControl } from "../../test/idle-control.ts";
import { Quality } from "../conditioning/quality.ts";
import { NewestValues } from "./newest-values.ts";

const tags = [
  { id: "TANK/PH01", unit: "pH", resolution: 0.01 },
  { id: "TANK/LV01", unit: "m", resolution: 0 },
];

const refused = {
  tag: "TANK/LV01",
  device: "TANK",
  connection: "plc",
  quality: Quality.BAD,
  reason: QualityReason.REFUSED,
  detail: "exception 2: illegal data address (holding:0)",
  remedy: "",
  sinceMs: 500,
  lastGoodMs: 0,
};

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
    {
      tag: "TANK/PH01",
      unit: "pH",
      value: 7.82,
      quality: "uncertain",
      why: "",
      sinceMs: 0,
      atMs: 2_000,
    },
    {
      tag: "TANK/LV01",
      unit: "m",
      value: null,
      quality: "not read yet",
      why: "",
      sinceMs: 0,
      atMs: 0,
    },
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
    { tag: "TANK/LV01", unit: "m", value: null, quality: "bad", why: "", sinceMs: 0, atMs: 1_000 },
  ]);
});

test("what is not good says why and since when, as the control thread knows it", () => {
  const newest = new NewestValues();
  newest.take({ kind: "tags", tags: tags.slice(1), configSha256: "" });
  newest.take({ kind: "status", status: { ...idleControl, conditions: [refused] } });
  const read = (quality: Quality, value: number) =>
    newest.take({
      kind: "readings",
      batch: {
        tags: Uint16Array.of(0),
        timesMs: Float64Array.of(1_000),
        values: Float64Array.of(value),
        qualities: Uint8Array.of(quality),
      },
    });
  read(Quality.BAD, Number.NaN);
  expect(newest.list()[0]).toMatchObject({
    quality: "bad",
    why: "failure: the device refused the request: exception 2: illegal data address (holding:0)",
    sinceMs: 500,
  });
  read(Quality.GOOD, 1);
  expect(newest.list()[0]).toMatchObject({ quality: "good", why: "", sinceMs: 0 });
});
