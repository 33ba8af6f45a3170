/**
 * What 280 tags at 1 Hz cost on both links with every reading kept, beside what others would cost,
 * and how long encoding and decoding take.
 */

import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { create, toBinary } from "@bufbuild/protobuf";
import type { BlockColumn, BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { seal } from "@weir/contracts/envelope.ts";
import {
  PushRequestSchema,
  PushResponseSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { topicOf } from "@weir/contracts/topics.ts";
import protobuf from "protobufjs";
import type { Bench, Report } from "../bench.ts";
import { type SimulatedTag, simulateWorks } from "./simulated-works.ts";
import { reportSummaries } from "./summary-bytes.ts";
import { type Recording, record } from "./telemetry-source.ts";
import { httpsBytes, incarnation, mqttBytes } from "./wire-bytes.ts";

const seed = 7;
const periodMs = 1000;
const secondsPerMinute = 60;

/** The same readings in one form after another. */
interface Batch {
  tags: number[];
  ids: string[];
  dictionary: BlockDictionary;
  columns: BlockColumn[];
  /** Counts batches, as the message does. */
  sequence: number;
}

/** Bytes of a batch in one form. */
type Form = (batch: Batch) => number;

const sparkplug = protobuf
  .parse(
    readFileSync(
      new URL("../../../shared/contracts/sparkplug/sparkplug_b.proto", import.meta.url),
      "utf8",
    ),
  )
  .root.lookupType("org.eclipse.tahu.protobuf.Payload");

function cut(recording: Recording, tags: number[], from: number, seconds: number): Batch {
  const slice = (all: Float64Array, tag: number) => {
    const start = tag * recording.seconds + from;
    return all.slice(start, start + seconds);
  };
  const rows = tags.map((tag) => elementAt(recording.tags, tag));
  return {
    tags,
    ids: rows.map((row) => row.id),
    dictionary: makeDictionary(rows.map(({ resolution }) => ({ resolution, periodMs }))),
    columns: tags.map((tag, index) => ({
      tag: index,
      timesMs: slice(recording.timesMs, tag),
      values: slice(recording.values, tag),
      qualities: new Uint8Array(seconds),
    })),
    sequence: 100_000 + from,
  };
}

const blockOf = (batch: Batch): Uint8Array => encodeBlock(batch.dictionary, batch.columns);

/** One object a reading, as most gateways send it. */
const jsonOf = (batch: Batch): string =>
  JSON.stringify(
    batch.columns.flatMap(({ tag, timesMs, values }) =>
      Array.from(timesMs, (time, i) => ({
        tag: batch.ids[tag],
        time,
        value: values[i],
        quality: "good",
      })),
    ),
  );

/** The most that JSON can do: columns of whole steps as differences. */
const columnJsonOf = (batch: Batch): string =>
  JSON.stringify(
    batch.columns.map(({ tag, timesMs, values }) => {
      const { resolution } = elementAt(batch.dictionary.tags, tag);
      const steps = Array.from(values, (value) => Math.round(value / resolution));
      const differences = (all: number[]) =>
        all.map((x, i) => (i === 0 ? x : x - numberAt(all, i - 1)));
      return [tag, differences([...timesMs]), differences(steps)];
    }),
  );

/** One DDATA for all tags together, aliases instead of names, float32 values. */
function sparkplugOf(batch: Batch): Uint8Array {
  const metrics = batch.columns.flatMap(({ tag, timesMs, values }) =>
    Array.from(timesMs, (timestamp, i) => ({ alias: tag, timestamp, floatValue: values[i] })),
  );
  const timestamp = batch.columns[0]?.timesMs[0];
  return sparkplug
    .encode(sparkplug.create({ timestamp, metrics, seq: batch.sequence % 256 }))
    .finish();
}

const forms: Record<string, Form> = {
  "JSON, gzip": (batch) => gzipSync(jsonOf(batch), { level: 9 }).length,
  "JSON columns of differences, brotli 11": (batch) =>
    brotliCompressSync(columnJsonOf(batch)).length,
  "Sparkplug B, aliases": (batch) => sparkplugOf(batch).length,
  "Sparkplug B, aliases, gzip": (batch) => gzipSync(sparkplugOf(batch), { level: 9 }).length,
};

/** The cloud's receipt: which start's items up to which are durable, and the digest over them. */
const receiptBytes = (sequence: number): number =>
  toBinary(
    PushResponseSchema,
    create(PushResponseSchema, {
      ...{ epoch: 3, durableSequence: sequence, incarnation, digest: incarnation },
    }),
  ).length;

const pushWireBytes = (batch: Batch, messageBytes: number): number =>
  httpsBytes("/weir.v1.CloudDoor/Push", messageBytes, receiptBytes(batch.sequence));

/** Our message on the edge's topic, as it is published. */
const telemetryBytes = (batch: Batch, block: Uint8Array): number =>
  seal(
    "blocks",
    create(TelemetrySchema, { epoch: 3, incarnation, sequence: batch.sequence, block }),
  ).length;

/** Our message to the cloud's door. */
const pushBytes = (batch: Batch, block: Uint8Array): number =>
  toBinary(
    PushRequestSchema,
    create(PushRequestSchema, {
      site: "riverside",
      epoch: 3,
      incarnation,
      items: [
        {
          sequence: batch.sequence,
          body: {
            case: "minute",
            value: { minuteMs: batch.columns[0]?.timesMs[0] ?? 0, block },
          },
        },
      ],
    }),
  ).length;

interface Row {
  form: string;
  payload: number;
  wire: number;
}

/** Bytes of payload and on the wire for all batches, in each form. */
function rowsOf(
  batches: Batch[],
  ours: (batch: Batch, block: Uint8Array) => number,
  wireBytes: (batch: Batch, messageBytes: number) => number,
): Row[] {
  const rows: Row[] = [];
  const add = (form: string, payloadOf: Form, messageOf: Form) => {
    let payload = 0;
    let wire = 0;
    for (const batch of batches) {
      payload += payloadOf(batch);
      wire += wireBytes(batch, messageOf(batch));
    }
    rows.push({ form, payload, wire });
  };
  const blocks = new Map(batches.map((batch) => [batch, blockOf(batch)]));
  const block = (batch: Batch) => blocks.get(batch) as Uint8Array;
  for (const batch of batches) expectLossless(batch, block(batch));
  add(
    "Weir column block",
    (batch) => block(batch).length,
    (batch) => ours(batch, block(batch)),
  );
  for (const [form, bytesOf] of Object.entries(forms)) add(form, bytesOf, bytesOf);
  return rows;
}

function expectLossless(batch: Batch, block: Uint8Array): void {
  const decoded = decodeBlock(batch.dictionary, block);
  const same =
    decoded.ok &&
    decoded.columns.length === batch.columns.length &&
    decoded.columns.every((column, i) => {
      const given = elementAt(batch.columns, i);
      return (
        column.values.every((value, j) => Object.is(value, given.values[j])) &&
        column.timesMs.every((time, j) => time === given.timesMs[j])
      );
    });
  if (!same) throw new Error(`not lossless: batch ${batch.sequence}`);
}

function reportLink(
  report: Report,
  title: string,
  rows: Row[],
  { seconds, readings }: { seconds: number; readings: number },
): void {
  const raw = (100 * readings) / seconds;
  const shown = [
    ...rows.map(({ form, payload, wire }) => [
      form,
      (payload / seconds).toFixed(1),
      ((payload * 8) / readings).toFixed(2),
      (wire / seconds).toFixed(0),
      `${(100 - (100 * wire) / seconds / raw).toFixed(2)} %`,
    ]),
    ["100 bytes a reading, as the textbook counts", "", "", raw.toFixed(0), "0 %"],
    ["one-minute averages of 280 tags, as the textbook counts", "", "", "264", ""],
  ];
  report.table(
    title,
    ["form", "payload B/s", "payload bits/reading", "on the wire B/s", "less than raw"],
    shown,
  );
}

/** What `tags` sampled from `from` on and before `to`, UTC milliseconds. */
function cutSimulated(tags: SimulatedTag[], from: number, to: number): Batch {
  const columns = tags.map(({ timesMs, values }, tag): BlockColumn => {
    const start = lowerBound(timesMs, from);
    const end = lowerBound(timesMs, to);
    return {
      tag,
      timesMs: Float64Array.from(timesMs.slice(start, end)),
      values: Float64Array.from(values.slice(start, end)),
      qualities: new Uint8Array(end - start),
    };
  });
  return {
    tags: tags.map((_, tag) => tag),
    ids: tags.map(({ id }) => id),
    dictionary: makeDictionary(tags),
    columns: columns.filter(({ values }) => values.length > 0),
    sequence: 100_000,
  };
}

function lowerBound(sorted: readonly number[], bound: number): number {
  const at = sorted.findIndex((x) => x >= bound);
  return at < 0 ? sorted.length : at;
}

/** The simulated works at its own rates, on both links. */
function reportSimulated(report: Report, minuteCount: number, topic: string): void {
  const seconds = minuteCount * secondsPerMinute;
  const tags = simulateWorks(seed, seconds);
  const readings = tags.reduce((sum, { values }) => sum + values.length, 0);
  const startMs = Math.min(...tags.map(({ timesMs }) => timesMs[0] ?? Number.POSITIVE_INFINITY));
  const counts = { seconds, readings };
  const slices = (of: SimulatedTag[], step: number) =>
    Array.from({ length: seconds / step }, (_, i) => {
      const from = startMs + i * step * 1000;
      return cutSimulated(of, from, from + step * 1000);
    });
  const edges = [...new Set(tags.map(({ edge }) => edge))];
  const rate = (readings / seconds).toFixed(0);
  reportLink(
    report,
    `Edge to fog: firmware-sim, ${rate} readings a second from ${tags.length} tags, one message a second from each edge`,
    rowsOf(
      edges.flatMap((edge) =>
        slices(
          tags.filter((tag) => tag.edge === edge),
          1,
        ),
      ),
      telemetryBytes,
      (_, bytes) => mqttBytes(topic, bytes),
    ),
    counts,
  );
  reportLink(
    report,
    "Fog to cloud: the same, one request a minute",
    rowsOf(slices(tags, secondsPerMinute), pushBytes, pushWireBytes),
    counts,
  );
}

/** Nanoseconds of CPU a reading: the median of several rounds over the batches. */
function nsPerReading(
  batches: Batch[],
  rounds: number,
  task: (batch: Batch, at: number) => void,
): string {
  const readings = batches.reduce(
    (sum, { columns }) => sum + columns.length * (columns[0]?.values.length ?? 0),
    0,
  );
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    for (const [at, batch] of batches.entries()) task(batch, at);
    const { user, system } = process.cpuUsage(start);
    times.push(((user + system) * 1000) / readings);
  }
  times.sort((a, b) => a - b);
  return numberAt(times, times.length >> 1).toFixed(0);
}

function reportSpeed(report: Report, seconds: Batch[], minutes: Batch[], rounds: number): void {
  const rows = [
    ["one-second blocks", seconds],
    ["one-minute blocks", minutes],
  ].map(([name, of]) => {
    const batches = of as Batch[];
    const blocks = batches.map(blockOf);
    return [
      name as string,
      nsPerReading(batches, rounds, (batch) => blockOf(batch)),
      nsPerReading(batches, rounds, (batch, at) =>
        decodeBlock(batch.dictionary, elementAt(blocks, at)),
      ),
      nsPerReading(batches, Math.min(3, rounds), (batch) => gzipSync(jsonOf(batch))),
    ];
  });
  report.table(
    "CPU time, nanoseconds a reading (median of rounds, collector and compiler included)",
    ["blocks", "encode", "decode", "JSON and gzip"],
    rows,
  );
}

export const bench: Bench = {
  name: "telemetry",
  about: "bytes a second of 280 tags at 1 Hz on both links, lossless; encode and decode time",
  async run({ smoke, report }) {
    const minuteCount = smoke ? 1 : 10;
    const recording = record(seed, minuteCount * secondsPerMinute);
    const all = recording.tags.map((_, tag) => tag);
    const ofEdge = (edge: string) => all.filter((tag) => recording.tags[tag]?.edge === edge);
    const edges = ["edge-w", "edge-d"] as const;
    const secondBatches = edges.flatMap((edge) =>
      Array.from({ length: recording.seconds }, (_, s) => cut(recording, ofEdge(edge), s, 1)),
    );
    const minuteBatches = Array.from({ length: minuteCount }, (_, m) =>
      cut(recording, all, m * secondsPerMinute, secondsPerMinute),
    );
    const counts = { seconds: recording.seconds, readings: recording.seconds * all.length };
    const topic = topicOf({ site: "riverside", edge: "edge-w", family: "blocks" });
    reportLink(
      report,
      `Edge to fog: ${edges.map((edge) => ofEdge(edge).length).join(" + ")} tags, one message a second from each of two edges, MQTT QoS 1 over TLS`,
      rowsOf(secondBatches, telemetryBytes, (_, bytes) => mqttBytes(topic, bytes)),
      counts,
    );
    report.line(
      `Of each message, ${mqttBytes(topic, 300) - 300} bytes are headers and answers: see wire-bytes.ts.`,
    );
    reportLink(
      report,
      "Fog to cloud: 280 tags, one request a minute, HTTPS",
      rowsOf(minuteBatches, pushBytes, pushWireBytes),
      counts,
    );
    const entropy = recording.entropyBits.reduce((sum, bits) => sum + bits, 0);
    report.line(
      `No codec of any kind can go below ${(entropy / 8 / recording.seconds).toFixed(1)} B/s (${(entropy / recording.seconds / all.length).toFixed(2)} bits a reading): the noise's own entropy, for one who knows every undisturbed quantity, before times.`,
    );
    reportSimulated(report, smoke ? 1 : 5, topic);
    reportSummaries(report, { seed, seconds: smoke ? 10 : 60, topic });
    reportSpeed(report, secondBatches.slice(0, 200), minuteBatches, smoke ? 1 : 25);
  },
};
