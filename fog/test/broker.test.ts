import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { present } from "@weir/contracts/present.ts";
import { type Family, families, topicOf } from "@weir/contracts/topics.ts";
import { generate } from "mqtt-packet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FogFault } from "../src/faults.ts";
import { BrokerRig, closed } from "./broker-rig.ts";

let rig: BrokerRig;
beforeEach(async () => {
  rig = await new BrokerRig().start();
});
afterEach(() => rig.stop());

const topic = (edge: string, family: Family) => topicOf({ site: "riverside", edge, family });

test("PUBACK follows the store, never leads it", async () => {
  let commit = () => {};
  rig.store = () =>
    new Promise((resolve) => {
      commit = resolve;
    });
  const client = await rig.connect(await rig.enrol("edge-w"));
  let acked = false;
  const publishing = client.publishAsync(topic("edge-w", "blocks"), "x", { qos: 1 }).then(() => {
    acked = true;
  });
  // A ping goes there and back on the same connection: whatever came before it has been handled.
  for (let i = 0; i < 3; i++) {
    const pong = new Promise((resolve) => client.once("packetreceive", resolve));
    client.sendPing();
    await pong;
  }
  expect(acked).toBe(false);
  commit();
  await publishing;
  expect(rig.received).toHaveLength(1);
});

test("no PUBACK when the store fails; the connection ends, so that the edge sends again", async () => {
  rig.store = async () => {
    throw new FogFault("FOG_STORE", { why: "database or disk is full" });
  };
  const client = await rig.connect(await rig.enrol("edge-w"));
  const packets: string[] = [];
  client.on("packetreceive", ({ cmd }) => packets.push(cmd));
  client.publish(topic("edge-w", "blocks"), "x", { qos: 1 });
  await closed(client);
  expect(packets).not.toContain("puback");
});

test("an edge is who its certificate says, and no one else", async () => {
  const identity = await rig.enrol("edge-w");
  const refusals: [options: object, why: RegExp][] = [
    [{ clientId: "edge-d" }, /identifier rejected/i],
    [{ clientId: "", clean: true }, /identifier rejected|not valid/i],
    [
      { will: { topic: topic("edge-d", "death"), payload: Buffer.of(1), qos: 1 } },
      /not authorized/i,
    ],
    [
      { will: { topic: topic("edge-w", "blocks"), payload: Buffer.of(1), qos: 1 } },
      /not authorized/i,
    ],
  ];
  for (const [options, why] of refusals) {
    await expect(rig.connect(identity, options), JSON.stringify(options)).rejects.toThrow(why);
  }
  await expect(rig.connect(await rig.forged("edge-w"))).rejects.toThrow();
  await expect(rig.connect({ certPem: "", keyPem: "" }, { clientId: "edge-w" })).rejects.toThrow();
  expect(rig.sessions).toEqual([]);
  await rig.connect(identity);
  expect(rig.sessions).toEqual(["+edge-w"]);
});

test("the fog's own server certificate lets nobody in as an edge", async () => {
  const server = await rig.authority.issueServer(["localhost"], Date.parse("2026-11-22"));
  await expect(rig.connect(server, { clientId: "riverside fog" })).rejects.toThrow();
});

test("4 × 4 edges over real sockets: foreign topics are refused", async () => {
  const edges = ["edge-a", "edge-b", "edge-c", "edge-d"];
  const identities = new Map(
    await Promise.all(edges.map(async (edge) => [edge, await rig.enrol(edge)] as const)),
  );
  for (const edge of edges) {
    const client = await rig.connect(present(identities.get(edge)));
    for (const other of edges) {
      for (const family of Object.keys(families) as Family[]) {
        const [grant] = await client
          .subscribeAsync(topic(other, family), { qos: 1 })
          .catch(() => [{ qos: 128 }]);
        const allowed = edge === other && families[family].way === "down";
        expect(grant?.qos, `${edge} hears ${other}/${family}`).toBe(allowed ? 1 : 128);
      }
    }
    for (const other of edges) {
      if (other === edge) continue;
      const speaker = await rig.connect(present(identities.get(edge)));
      speaker.publish(topic(other, "blocks"), "x", { qos: 1 });
      await closed(speaker);
    }
  }
  expect(rig.received).toEqual([]);
});

test("what the fog sends reaches the edge that listens, and only then", async () => {
  const client = await rig.connect(await rig.enrol("edge-w"));
  expect(await rig.broker.publish("edge-w", "command", Uint8Array.of(1))).toBe(false);
  await client.subscribeAsync(topic("edge-w", "command"), { qos: 1 });
  const message = new Promise<Buffer>((resolve) =>
    client.once("message", (_topic, payload) => resolve(payload)),
  );
  expect(await rig.broker.publish("edge-w", "command", Uint8Array.of(7))).toBe(true);
  expect(await message).toEqual(Buffer.of(7));
});

test("a resumed session listens without subscribing again", async () => {
  const identity = await rig.enrol("edge-w");
  const first = await rig.connect(identity, { clean: false });
  await first.subscribeAsync(topic("edge-w", "command"), { qos: 1 });
  await first.endAsync();
  const again = await rig.connect(identity, { clean: false, resubscribe: false });
  const message = new Promise<Buffer>((resolve) =>
    again.once("message", (_topic, payload) => resolve(payload)),
  );
  expect(await rig.broker.publish("edge-w", "command", Uint8Array.of(9))).toBe(true);
  expect(await message).toEqual(Buffer.of(9));
});

test("a revoked edge is cut off within seconds and does not come back", async () => {
  const identity = await rig.enrol("edge-w");
  const client = await rig.connect(identity);
  rig.authority.book.revoke("edge-w", { atMs: 1, by: "ana" });
  await closed(client);
  expect(rig.sessions).toEqual(["+edge-w", "-edge-w"]);
  await expect(rig.connect(identity)).rejects.toThrow(/not authorized/i);
  const { book } = rig.authority;
  const serial = book.list()[0]?.serial ?? "";
  expect(book.refusalOf({ serial, edge: "edge-w" })).toBe("revoked certificate");
  expect(book.refusalOf({ serial: "00", edge: "edge-w" })).toBe("certificate without a record");
});

test("a second session of the same edge takes over without a gap", async () => {
  const identity = await rig.enrol("edge-w");
  const first = await rig.connect(identity);
  await rig.connect(identity);
  await closed(first);
  expect(rig.sessions.at(-1)).toBe("+edge-w");
});

test("a packet past the limit ends the connection by its header alone", async () => {
  const client = await rig.connect(await rig.enrol("edge-w"));
  client.publish(topic("edge-w", "blocks"), Buffer.alloc(300 * 1024), { qos: 1 });
  await closed(client);
  expect(rig.received).toEqual([]);
  const again = await rig.connect(await rig.enrol("edge-w"));
  await again.publishAsync(topic("edge-w", "blocks"), Buffer.alloc(250 * 1024), { qos: 1 });
  expect(rig.received).toHaveLength(1);
});

test("200 MiB from strangers costs less than 10 MiB of memory", async () => {
  const chunk = Buffer.alloc(1 << 20, 0x30);
  const identity = await rig.enrol("edge-w");
  const { port } = rig.broker;
  const tcp = () => connectTcp(port, "127.0.0.1");
  const tls = () =>
    connectTls({
      port,
      host: "127.0.0.1",
      ca: rig.authority.caPem,
      cert: identity.certPem,
      key: identity.keyPem,
    });
  const flood = async (open: typeof tcp | typeof tls, opening: Buffer) => {
    const socket = open();
    socket.on("error", () => {});
    // Not events.once: that rejects on the reset this is all about.
    const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.write(opening);
    for (let i = 0; i < 50 && !socket.destroyed; i++) {
      await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
    }
    socket.end();
    await ended;
  };
  const hugeConnect = Buffer.of(0x10, 0xff, 0xff, 0xff, 0x7f);
  await flood(tls, hugeConnect); // Once, to have everything loaded.
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  await flood(tcp, hugeConnect);
  await flood(tcp, Buffer.alloc(0));
  await flood(tls, hugeConnect);
  await flood(tls, generate({ cmd: "pingreq" }));
  globalThis.gc?.();
  expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(10);
  expect(rig.broker.refused["broken packet rules"]).toBeGreaterThanOrEqual(3);
});
