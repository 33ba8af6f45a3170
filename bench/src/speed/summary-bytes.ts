/** What policy `summary` costs beside every reading, at several rates of reading. */
import { create } from "@bufbuild/protobuf";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { seal } from "@weir/contracts/envelope.ts";
import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { encodePanes } from "@weir/contracts/panes/encode-panes.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import { Thinner } from "@weir/edge/uplink/thin.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { Report } from "../bench.ts";
import { plantTags } from "./telemetry-source.ts";
import { incarnation, mqttBytes } from "./wire-bytes.ts";

const startMs = Date.UTC(2026, 5, 2, 5);
const ratesHz = [1, 10, 100];

interface Cost {
  payload: number;
  wire: number;
}

/** One second of each tag, read `rateHz` times; the white noise is another with each reading. */
function secondsOf(seed: number, { seconds, rateHz }: { seconds: number; rateHz: number }) {
  const tags = plantTags(seed).filter(({ edge }) => edge === "edge-d");
  const noise = seeded(seed, `summary/${rateHz}`);
  const batches = Array.from({ length: seconds }, (_, s) =>
    tags.map(({ sampler, resolution, poll }, tag): BlockColumn => {
      sampler.step(s);
      const { level, sigma } = sampler;
      const divisor = Math.round(1 / resolution);
      const steps = () => Math.round((level + sigma * noise.gaussian()) / resolution);
      const atMs = (i: number) =>
        startMs + s * 1_000 + Math.floor((i * 1_000) / rateHz) + (poll % 100);
      return {
        tag,
        timesMs: Float64Array.from({ length: rateHz }, (_, i) => atMs(i)),
        values: Float64Array.from({ length: rateHz }, () => steps() / divisor),
        qualities: new Uint8Array(rateHz),
      };
    }),
  );
  const periodMs = 1_000 / rateHz;
  const dictionary = makeDictionary(tags.map(({ resolution }) => ({ resolution, periodMs })));
  return { dictionary, batches };
}

/** Payload and wire of one edge for each policy, one message a second at most. */
export function reportSummaries(
  report: Report,
  { seed, seconds, topic }: { seed: number; seconds: number; topic: string },
): void {
  const rows: string[][] = [];
  for (const rateHz of ratesHz) {
    const { dictionary, batches } = secondsOf(seed, { seconds, rateHz });
    const count = dictionary.tags.length;
    const costOf = (policy: FilterPolicy): Cost => {
      const thinner = new Thinner(Array.from({ length: count }, () => policy));
      const cost = { payload: 0, wire: 0 };
      for (const [s, given] of batches.entries()) {
        const nowMs = startMs + (s + 1) * 1_000;
        const { columns, panes } = thinner.apply(given, { nowMs, all: s + 1 === seconds });
        if (columns.length + panes.length === 0) continue;
        const bytes = seal(
          "blocks",
          create(TelemetrySchema, {
            ...{
              epoch: 3,
              incarnation,
              sequence: 100_000 + s,
              block: encodeBlock(dictionary, columns),
            },
            ...(panes.length > 0 && { panes: encodePanes(dictionary, panes, paneLengthMs) }),
          }),
        ).length;
        cost.payload += bytes;
        cost.wire += mqttBytes(topic, bytes);
      }
      return cost;
    };
    const perTag = (bytes: number) => (bytes / seconds / count).toFixed(2);
    const policies = [FilterPolicy.ALL, FilterPolicy.THIN, FilterPolicy.SUMMARY].map(costOf);
    const figures = policies.flatMap(({ payload, wire }) => [perTag(payload), perTag(wire)]);
    rows.push([`${rateHz} Hz`, ...figures]);
  }
  const columns = ["all", "thin", "summary"].flatMap((policy) => [policy, "on the wire"]);
  report.table(
    "Edge to fog: bytes a second of one tag of edge-d by filter policy, nothing happening",
    ["read", ...columns],
    rows,
  );
}
