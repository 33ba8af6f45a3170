import { generate } from "mqtt-packet";
import { expect, test } from "vitest";
import { defaultPacketLimits, PacketScanner } from "./packet-scanner.ts";

const limits = { packetBytesMax: 1_000, connectBytesMax: 200 };
const connect = generate({
  cmd: "connect",
  protocolId: "MQTT",
  protocolVersion: 4,
  clean: true,
  clientId: "edge-w",
  keepalive: 30,
});
const publish = (size: number) =>
  generate({
    cmd: "publish",
    topic: "t",
    payload: Buffer.alloc(size),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });

test("a good stream passes, cut anywhere", () => {
  const stream = Buffer.concat([connect, publish(900), publish(0), generate({ cmd: "pingreq" })]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const scanner = new PacketScanner(limits);
    expect(scanner.scan(stream.subarray(0, cut))).toBeUndefined();
    expect(scanner.scan(stream.subarray(cut))).toBeUndefined();
  }
});

test("too much is refused by its header alone", () => {
  const scanner = new PacketScanner(limits);
  expect(scanner.scan(connect)).toBeUndefined();
  expect(scanner.scan(publish(1_100).subarray(0, 3))).toMatch(/1105 bytes, at most 1000/);
});

test("the first packet is a CONNECT, and a small one", () => {
  expect(new PacketScanner(limits).scan(publish(1))).toMatch(/type 3 came before CONNECT/);
  expect(new PacketScanner(limits).scan(Uint8Array.of(0x10, 0xff, 0x7f))).toMatch(/at most 200/);
});

test("a length that never ends is refused", () => {
  const scanner = new PacketScanner({ packetBytesMax: 2 ** 30, connectBytesMax: 2 ** 30 });
  expect(scanner.scan(Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80))).toMatch(/four bytes/);
});

test("the default admits a quarter of a mebibyte", () => {
  expect(defaultPacketLimits.packetBytesMax).toBe(262_144);
});
