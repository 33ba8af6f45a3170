/** Devices behind a broker that somebody else wrote, while the configuration changes under them. */
import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { Aedes } from "aedes";
import { afterEach, expect, test, vi } from "vitest";
import { createLiveControl } from "../src/control/live-control.ts";
import type { Notice } from "../src/hand-over.ts";
import { brokerLine } from "../src/mqtt/broker-line.mqtt-js.ts";
import type { Inbound } from "../src/mqtt/inbox.ts";
import { SiteBrokers } from "../src/mqtt/site-brokers.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf } from "./control-rig.ts";

const clock = systemClock();
/** A hang, not a delay. */
const hang = { timeout: 90_000, interval: 20 };
/** Each field says its own value and nothing else. */
const valueIn: Record<string, number> = { TT: 20, RH: 50, PH: 7 };
const fieldIn: Record<string, string> = { TT: "temp", RH: "rh", PH: "ph" };

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const yaml = (url: string, names: readonly string[], every = "60s") => `
version: 1
site: {id: solo}
edge: edge-1
connections:
  esp: {type: mqtt, url: "${url}"}
devices:
  - id: ROOM
    connection: esp
    topic: p/s
    tags:
${names.map((name) => `      ${name}: {read: field ${fieldIn[name]}, min: 0, max: 100, every: ${every}}`).join("\n")}
`;

/** A broker, what it retains, and how clients came and went. */
async function startBroker() {
  const broker = await Aedes.createBroker();
  const comings: string[] = [];
  broker.on("client", ({ id }) => void comings.push(`+${id}`));
  broker.on("clientDisconnect", ({ id }) => void comings.push(`-${id}`));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  closers.push(() => new Promise<void>((resolve) => broker.close(() => resolve())), close);
  const say = (retain: boolean) => {
    const payload = Buffer.from(JSON.stringify({ temp: 20, rh: 50, ph: 7 }));
    return new Promise<void>((resolve) =>
      broker.publish({ cmd: "publish", topic: "p/s", payload, qos: 0, retain, dup: false }, () =>
        resolve(),
      ),
    );
  };
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, comings, say, close };
}

/** The control half and the lines to the broker, as the agent joins them. */
function startEdge(url: string) {
  const notices: Notice[] = [];
  const given: Inbound[] = [];
  const control = createLiveControl({
    configuration: configurationOf(yaml(url, ["TT", "RH", "PH"])),
    clock,
    ioClock: clock,
    channelFor: () => () => ({ write: () => {}, close: () => {} }),
    latchStore: openLatchFile(join(mkdtempSync(join(tmpdir(), "weir-latch-")), "latched-trips")),
    notify: (notice) => {
      notices.push(notice);
      // As between threads: never within the call.
      queueMicrotask(() => brokers.take(notice));
    },
    logger: silentLogger,
    random: seeded(1, "rig"),
  });
  const brokers = new SiteBrokers({
    agentVersion: "0.1.0",
    lineTo: (broker, purpose) =>
      brokerLine(() => ({ url: broker.url, clientId: `weir-solo-edge-1-${purpose}` }), clock),
    clock,
    logger: silentLogger,
    give: (order) => {
      given.push(order);
      // What crosses to the control thread may arrive when that has gone on.
      queueMicrotask(() => control.order(order));
    },
  });
  closers.push(() => brokers.stop());
  control.start();
  closers.push(() => control.stop());
  const change = (names: readonly string[], every?: string) => {
    const configuration = configurationOf(yaml(url, names, every));
    control.order({ kind: "reconfigure", ref: "r", by: "ana", configuration, answer: "applied" });
    return configuration.sha256;
  };
  /** Of one configuration: each tag's name with each value that it had, once. */
  const read = (): Set<string> => {
    let table: string[] = [];
    const seen = new Set<string>();
    for (const notice of notices) {
      if (notice.kind === "tags") table = notice.tags.map(({ name = "" }) => name);
      if (notice.kind !== "readings") continue;
      const { tags, values, qualities } = notice.batch;
      tags.forEach((tag, i) => {
        seen.add(`${table[tag]} ${values[i]} ${qualities[i]}`);
      });
    }
    return seen;
  };
  return { change, given, read, notices };
}

test("tags in another order, fewer and more of them: each value stays with its tag, and one line is there", async () => {
  const broker = await startBroker();
  await broker.say(true);
  const edge = startEdge(broker.url);
  const talk = setInterval(() => void broker.say(false), 10);
  closers.push(() => clearInterval(talk));
  const orders = [["PH", "TT", "RH"], ["RH"], ["TT", "PH"], ["RH", "PH", "TT"], ["PH"]];
  const heard = (sha256: string, from: number) =>
    edge.given.slice(from).some((one) => one.configSha256 === sha256 && one.tags.length > 0);
  await vi.waitFor(() => expect(edge.given.some(({ tags }) => tags.length > 0)).toBe(true), hang);
  for (const names of orders) {
    const from = edge.given.length;
    const sha256 = edge.change(names);
    await vi.waitFor(() => expect(heard(sha256, from)).toBe(true), hang);
  }
  // A change that touches no line: what comes over it counts for the new configuration.
  const from = edge.given.length;
  const sha256 = edge.change(["PH"], "50s");
  await vi.waitFor(() => expect(heard(sha256, from)).toBe(true), hang);
  await vi.waitFor(() => expect(edge.read().size).toBeGreaterThan(0), hang);
  for (const line of edge.read()) {
    const [name = ""] = line.split(" ");
    expect(line).toBe(`${name} ${valueIn[name]} ${Quality.GOOD}`);
  }
  // The line before has gone when the next one comes, each time, and none comes back.
  const id = "weir-solo-edge-1-esp";
  expect(broker.comings).toEqual([`+${id}`, ...orders.flatMap(() => [`-${id}`, `+${id}`])]);
});

test("a login that cannot be read takes no thread down: it is told, and tried again", async () => {
  const { url } = await startBroker();
  let isThere = false;
  const account = () => {
    if (!isThere) throw new Error("ENOENT: no such file or directory, open 'password'");
    return { url, clientId: "weir-solo-edge-1-esp" };
  };
  const line = brokerLine(account, clock);
  const told: string[] = [];
  closers.push(() => line.close());
  line.open({
    onUp: () => told.push("up"),
    onDown: (reason) => told.push(reason),
    onMessage: () => {},
  });
  expect(told).toEqual([expect.stringMatching(/^its login cannot be read: ENOENT.*password/)]);
  isThere = true;
  await vi.waitFor(() => expect(told.at(-1)).toBe("up"), hang);
});
