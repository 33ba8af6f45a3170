import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { present } from "@weir/contracts/present.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { until } from "@weir/testing/until.ts";
import { afterEach, expect, test } from "vitest";
import { BrokerRig } from "./broker-rig.ts";

let rig: BrokerRig;
afterEach(() => rig.stop());

test("CONNECT must come within five seconds", async () => {
  const ioClock = new SimulatedClock(0);
  rig = await new BrokerRig().start({ ioClock });
  const identity = await rig.enrol("edge-w");
  const socket = connectTls({
    port: rig.broker.port,
    host: "127.0.0.1",
    ca: rig.authority.caPem,
    cert: identity.certPem,
    key: identity.keyPem,
  });
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await once(socket, "secureConnect");
  // The server's side of the handshake may end a moment later than ours.
  while (rig.broker.refused["no CONNECT in time"] === undefined) {
    await ioClock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
});

test("connections past the limit are refused, the others live on", async () => {
  rig = await new BrokerRig().start({ connectionsMax: 2 });
  const [a, b, c] = await Promise.all(
    ["edge-a", "edge-b", "edge-c"].map((edge) => rig.enrol(edge)),
  );
  const first = await rig.connect(present(a));
  await rig.connect(present(b));
  await expect(rig.connect(present(c), { connectTimeout: 3_000 })).rejects.toThrow();
  expect(first.connected).toBe(true);
});

test("silent peers without a certificate keep no edge out", async () => {
  rig = await new BrokerRig().start();
  const silent = Array.from({ length: 300 }, () =>
    connectTcp({ port: rig.broker.port, host: "127.0.0.1" }).on("error", () => {}),
  );
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  const client = await rig.connect(await rig.enrol("edge-w"));
  expect(client.connected).toBe(true);
  const refused = () => rig.broker.refused["too many silent peers of one address"] ?? 0;
  await until(() => refused() > 200, "two hundred refusals");
  for (const socket of silent) socket.destroy();
});

test("a port in use is said in one sentence", async () => {
  rig = await new BrokerRig().start();
  const { port } = rig.broker;
  const again = new BrokerRig();
  await expect(again.start({ port })).rejects.toThrow(
    `the MQTT broker cannot listen on 127.0.0.1:${port}: the port is in use`,
  );
});
