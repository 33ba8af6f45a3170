import { type AddressInfo, createServer, type Socket } from "node:net";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { Aedes, type AedesOptions } from "aedes";
import { afterEach, expect, test, vi } from "vitest";
import type { Notice } from "../hand-over.ts";
import { brokerLine } from "../mqtt/broker-line.mqtt-js.ts";
import { dataType, decodePayload, encodePayload, numberOf } from "./payload.ts";
import { SparkplugNode } from "./sparkplug-node.ts";

const clock = systemClock();
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A broker that remembers what edge nodes said: "NBIRTH", "DDATA D11", … */
async function startBroker(options: AedesOptions = {}) {
  const broker = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const heard: { text: string; bytes: Uint8Array }[] = [];
  await broker.subscribe(
    "spBv1.0/#",
    (packet, done) => {
      const [, , kind, , device] = packet.topic.split("/");
      if (kind !== "NCMD") {
        const bytes = Uint8Array.from(packet.payload as Buffer);
        heard.push({ text: device ? `${kind} ${device}` : String(kind), bytes });
      }
      done();
    },
    () => {},
  );
  closers.push(
    () => new Promise<void>((resolve) => broker.close(() => resolve())),
    () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  );
  const send = (topic: string, payload: Buffer) =>
    new Promise<void>((resolve) => {
      broker.publish({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false }, () =>
        resolve(),
      );
    });
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { url, heard, send, cut };
}

function startNode(url: string, primaryHost?: string): SparkplugNode {
  const broker = { url, username: undefined, passwordFile: undefined, identity: undefined };
  const node = new SparkplugNode({
    settings: { broker, group: "riverside", node: "edge-d", primaryHost },
    agentVersion: "0.1.0",
    line: brokerLine(() => ({ url, clientId: "edge-d" }), clock),
    clock,
    logger: silentLogger,
  });
  closers.push(() => node.stop());
  const tags = [
    { index: 0, id: "D11/CL01", device: "D11", name: "CL01", unit: "mg/L", min: 0, max: 5 },
  ];
  node.take({ kind: "tags", tags, configSha256: "" });
  return node;
}

const readings = (...values: number[]): Notice => ({
  kind: "readings",
  batch: {
    tags: new Uint16Array(values.length),
    timesMs: Float64Array.from(values, (_, i) => clock.nowMs() + i),
    values: Float64Array.from(values),
    qualities: new Uint8Array(values.length).fill(Quality.GOOD),
  },
});

const patient = { timeout: 20_000, interval: 20 };

test("is born, speaks, is born again on request and after a cut, and dies", async () => {
  const { url, heard, send, cut } = await startBroker();
  const node = startNode(url);
  const texts = () => heard.map(({ text }) => text);
  await vi.waitFor(() => expect(texts()).toEqual(["NBIRTH", "DBIRTH D11"]), patient);

  node.take(readings(1.2));
  await vi.waitFor(() => expect(texts().slice(2)).toEqual(["DDATA D11"]), patient);
  const rebirth = {
    name: "Node Control/Rebirth",
    datatype: dataType.boolean,
    value: { case: "booleanValue" as const, value: true },
  };
  const order = encodePayload([rebirth], { atMs: clock.nowMs() });
  await send("spBv1.0/riverside/NCMD/edge-d", Buffer.from(order));
  await vi.waitFor(() => expect(texts().slice(3)).toEqual(["NBIRTH", "DBIRTH D11"]), patient);

  cut();
  await vi.waitFor(() => expect(texts().slice(5)).toEqual(["NDEATH"]), patient);
  node.take(readings(1.3, 1.4));
  await vi.waitFor(
    () => expect(texts().slice(6)).toEqual(["NBIRTH", "DBIRTH D11", "DDATA D11"]),
    patient,
  );
  const late = present(decodePayload(present(heard.at(-1)).bytes)).metrics;
  expect(late.map((metric) => [numberOf(metric), metric.isHistorical])).toEqual([
    [1.3, true],
    [1.4, true],
  ]);
  await node.stop();
  await vi.waitFor(() => expect(texts().slice(9)).toEqual(["NDEATH"]), patient);
});

test("without its primary host it waits, and then tells what it kept", async () => {
  const { url, heard, send } = await startBroker();
  const node = startNode(url, "scada");
  const texts = () => heard.map(({ text }) => text);
  const state = (online: boolean) =>
    send("spBv1.0/STATE/scada", Buffer.from(JSON.stringify({ online, timestamp: clock.nowMs() })));
  node.take(readings(1.2));
  await vi.waitFor(async () => {
    await state(true);
    expect(texts().filter((text) => text !== "scada")).toContain("DDATA D11");
  }, patient);
  expect(texts()).not.toContain("NDEATH");
  await state(false);
  await vi.waitFor(() => expect(texts()).toContain("NDEATH"), patient);
  const before = texts().length;
  node.take(readings(1.5));
  await vi.waitFor(async () => {
    await state(true);
    expect(texts().slice(before)).toContain("DDATA D11");
  }, patient);
});
