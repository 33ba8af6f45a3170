import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { elementAt } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { needs } from "@weir/testing/conditions.ts";
import { describe, expect, test } from "vitest";
import type { BrokerMessage } from "../mqtt/broker-line.ts";
import { type NodeReading, NodeSession } from "./node-session.ts";
import { decodePayload, numberOf } from "./payload.ts";

const atMs = Date.UTC(2026, 5, 2, 5);
const tags = [
  { device: "D11", name: "CL01", unit: "mg/L", min: 0, max: 5 },
  { device: "D11", name: "PH01", unit: "", min: 0, max: 14 },
  { device: "D12", name: "TU01", unit: "NTU", min: 0, max: 10 },
];

function session(): NodeSession {
  const node = new NodeSession({ group: "riverside", node: "edge-d", about: { Agent: "weir" } });
  node.setTags(tags);
  node.nextDeath(atMs);
  return node;
}

const reading = (tag: number, value: number, quality: Quality = Quality.GOOD): NodeReading => ({
  tag,
  timeMs: atMs,
  value,
  quality,
  isHistorical: false,
});

const seqOf = ({ bytes }: BrokerMessage): number => Number(decodePayload(bytes)?.seq);

describe("a Sparkplug edge node's session", () => {
  test("counts from the birth, every message once, round at 255", () => {
    const node = session();
    const births = node.births(atMs);
    expect(births.map(({ topic }) => topic)).toEqual([
      "spBv1.0/riverside/NBIRTH/edge-d",
      "spBv1.0/riverside/DBIRTH/edge-d/D11",
      "spBv1.0/riverside/DBIRTH/edge-d/D12",
    ]);
    const data = Array.from({ length: 600 }, (_, i) =>
      elementAt(node.data([reading(0, i)], atMs), 0),
    );
    const sequence = [...births, ...data].map(seqOf);
    expect(sequence).toEqual(sequence.map((_, i) => i % 256));
    expect(seqOf(elementAt(node.births(atMs), 0))).toBe(0);
  });

  test("names in its birth every metric that it will ever send, with its newest value", () => {
    const node = session();
    node.changed([reading(1, 7.2), reading(2, Number.NaN, Quality.BAD)]);
    const births = node.births(atMs).slice(1);
    const metrics = births.flatMap(({ bytes }) => decodePayload(bytes)?.metrics ?? []);
    expect(metrics.map(({ name, alias }) => [name, Number(alias)])).toEqual([
      ["CL01", 1],
      ["PH01", 2],
      ["TU01", 3],
    ]);
    expect(metrics.map(numberOf)).toEqual([Number.NaN, 7.2, Number.NaN]);
  });

  test("a death certificate carries the number of the birth that follows it", () => {
    const node = session();
    const numberIn = (message: BrokerMessage) =>
      numberOf(
        present(present(decodePayload(message.bytes)).metrics.find(({ name }) => name === "bdSeq")),
      );
    for (let connection = 0; connection < 300; connection++) {
      const death = node.nextDeath(atMs);
      expect(numberIn(elementAt(node.births(atMs), 0))).toBe(numberIn(death));
      expect(numberIn(node.death(atMs))).toBe(numberIn(death));
      expect(numberIn(death)).toBe((connection + 1) % 256);
    }
  });

  test("says only what is new", () => {
    const node = session();
    expect(node.changed([reading(0, 1), reading(1, 7)])).toHaveLength(2);
    expect(node.changed([reading(0, 1), reading(1, 7.1)]).map(({ tag }) => tag)).toEqual([1]);
    expect(node.changed([reading(0, 1, Quality.UNCERTAIN)])).toHaveLength(1);
  });
});

const python = needs("pysparkplug");
test.runIf(python.present)("pysparkplug reads what this edge sends", () => {
  const node = session();
  const script = fileURLToPath(new URL("../../test/decode-sparkplug.py", import.meta.url));
  const messages = [
    ...node.births(atMs),
    ...node.data(
      [
        reading(0, 1.21),
        reading(1, Number.NaN, Quality.STALE),
        { ...reading(2, 0.08, Quality.UNCERTAIN), isHistorical: true },
      ],
      atMs,
    ),
    node.deviceDeath("D12", atMs),
    node.death(atMs),
  ];
  const input = messages
    .map(({ topic, bytes }) => `${topic}\t${Buffer.from(bytes).toString("hex")}\n`)
    .join("");
  const run = spawnSync(python.path, [script], { input, encoding: "utf8" });
  expect(run.stderr).toBe("");
  const decoded = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const data = decoded.filter(({ kind }) => kind === "DDATA");
  expect(decoded.map(({ kind, device, seq }) => [kind, device, seq])).toEqual([
    ["NBIRTH", "", 0],
    ["DBIRTH", "D11", 1],
    ["DBIRTH", "D12", 2],
    ["DDATA", "D11", 3],
    ["DDATA", "D12", 4],
    ["DDEATH", "D12", 5],
    ["NDEATH", "", null],
  ]);
  const names = decoded[0].metrics.map(({ name }: { name: string }) => name);
  expect(names).toEqual(["bdSeq", "Node Control/Rebirth", "Agent"]);
  expect(data.flatMap(({ metrics }) => metrics)).toEqual([
    { name: "CL01", value: 1.21, type: "DOUBLE", historical: false, isNull: false, quality: 192 },
    { name: "PH01", value: null, type: "DOUBLE", historical: false, isNull: true, quality: 500 },
    { name: "TU01", value: 0.08, type: "DOUBLE", historical: true, isNull: false, quality: 0 },
  ]);
});
