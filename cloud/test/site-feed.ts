/** What a fog pushes, for tests: tag table, minutes, site model. */
import { create } from "@bufbuild/protobuf";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import {
  type PushRequest,
  PushRequestSchema,
  type UplinkItem,
  UplinkItemSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { EventSchema, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { SiteTagsSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { minuteMs } from "../src/limits.ts";

export const site = "riverside";

export interface FeedTag {
  /** "edge-d/D11/CL01" */
  id: string;
  kind: string;
  unit: string;
  periodMs: number;
  resolution: number;
}

export const feedTags: readonly FeedTag[] = [
  { id: "edge-d/D11/CL01", kind: "chlorine_free", unit: "mg/L", periodMs: 1_000, resolution: 0.01 },
  { id: "edge-d/D11/PH01", kind: "ph", unit: "pH", periodMs: 1_000, resolution: 0.01 },
  { id: "edge-w/S02/LV01", kind: "blanket", unit: "m", periodMs: 5_000, resolution: 0.001 },
];

type Body = UplinkItem["body"];

export const item = (sequence: number, body: Body): UplinkItem =>
  create(UplinkItemSchema, { sequence, body });

export const push = (items: UplinkItem[], epoch = 1): PushRequest =>
  create(PushRequestSchema, { site, epoch, items });

export function tagsBody(tags: readonly FeedTag[] = feedTags): Body {
  return {
    case: "tags",
    value: create(SiteTagsSchema, {
      dictionary: makeDictionary(tags).hash,
      tags: tags.map((tag, index) => {
        const [edge = "", device = "", name = ""] = tag.id.split("/");
        const { kind, unit, resolution, periodMs } = tag;
        return {
          edge,
          tag: create(TagSchema, {
            ...{ index, id: `${device}/${name}`, device, name, stage: device },
            ...{ kind, unit, resolution, periodMs, min: 0, max: 10 },
          }),
        };
      }),
    }),
  };
}

export interface MinuteOptions {
  tags?: readonly FeedTag[];
  /** Value of a tag at a time, in its unit. */
  value: (tag: FeedTag, atMs: number) => number;
  backlog?: boolean;
}

/** One minute of all tags at their own periods. */
export function minuteBody(minuteStartMs: number, options: MinuteOptions): Body {
  const { tags = feedTags, value, backlog = false } = options;
  const columns = tags.map((tag, index) => {
    const count = Math.floor(minuteMs / tag.periodMs);
    const timesMs = Float64Array.from(
      { length: count },
      (_, i) => minuteStartMs + i * tag.periodMs,
    );
    return {
      tag: index,
      timesMs,
      values: timesMs.map((atMs) => Math.round(value(tag, atMs) / tag.resolution) * tag.resolution),
      qualities: new Uint8Array(count),
    };
  });
  const block = encodeBlock(makeDictionary(tags), columns);
  return {
    case: "minute",
    value: { $typeName: "weir.v1.SiteMinute", minuteMs: minuteStartMs, backlog, block },
  };
}

export const siteModel: SiteModel = {
  site: { id: site, name: "Riverside", tz: "Europe/Berlin" },
  lines: [
    { id: "W", name: "Sewage" },
    { id: "S", name: "Sludge" },
    { id: "D", name: "Drinking water" },
  ],
  stages: [
    {
      id: "S01",
      name: "Gravity thickener 1",
      line: "S",
      upstream: [],
      equipment: "gravity thickener",
    },
    {
      id: "S02",
      name: "Gravity thickener 2",
      line: "S",
      upstream: [],
      equipment: "gravity thickener",
    },
    { id: "W13", name: "Aerobic 2", line: "W", upstream: [], equipment: "aeration tank" },
    { id: "D11", name: "Chlorine contact tank", line: "D", upstream: [], equipment: "dosing" },
  ],
  kpis: [],
  pack: builtinPack("water"),
};

export const modelBody = (model: SiteModel = siteModel): Body => ({
  case: "siteModel",
  value: { $typeName: "weir.v1.SiteModel", json: JSON.stringify(model) },
});

/** An output of edge-d that did not follow its trip: a ticket at once. */
export function failedOutputBody(id: string, atMs: number): Body {
  const event = create(EventSchema, {
    ...{ id, atMs },
    body: {
      case: "output",
      value: {
        ...{ output: "dosing_pump_1", rule: "CL-HIGH", state: "off" },
        ...{ outcome: OutputOutcome.FAILED, afterMs: 5_000, detail: "running feedback still on" },
      },
    },
  });
  return { case: "event", value: { $typeName: "weir.v1.EdgeEvent", edge: "edge-d", event } };
}
