import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, onTestFinished, test } from "vitest";
import { createDispatcher, deliveryMigration } from "../dispatcher.ts";
import { createWebhook, signatureOf } from "./webhook.ts";

interface Received {
  key: string;
  signature: string;
  timestamp: string;
  body: string;
}

/** A receiver whose answers are scripted; 200 when the script is over. */
async function openReceiver(answers: number[]) {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const header = (name: string) => String(request.headers[name] ?? "");
      received.push({
        ...{ key: header("idempotency-key"), signature: header("x-weir-signature") },
        ...{ timestamp: header("x-weir-timestamp"), body },
      });
      response.writeHead(answers.shift() ?? 200).end();
      for (const resolve of waiting.splice(0)) resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tickets`;
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  return { url, received, next };
}

const ticket = { id: "T-1", title: "Thickener 2" } as TicketView;

test("a signed notice arrives, is tried again after a refusal with the same key, and in order", async () => {
  const { url, received, next } = await openReceiver([503]);
  const io = new SimulatedClock(1_780_000_000_000);
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [deliveryMigration] });
  const sink = createWebhook({ name: "cmms", url, secret: "s3cret", nowMs: () => io.nowMs() });
  const dispatcher = createDispatcher({ db, sinks: [sink], io, plant: io, logger: silentLogger });
  onTestFinished(() => dispatcher.stop());
  const arrived = next();
  dispatcher.queue({ change: "opened", ticket });
  dispatcher.queue({ change: "status", ticket });
  await io.advance(0);
  await arrived;
  expect(dispatcher.waitingCount()).toBe(2);
  // The retry is due two seconds after the refusal was noticed.
  await passUntil(io, 50, () => received.length > 1);
  await passUntil(io, 1, () => dispatcher.waitingCount() === 0);
  const [first, again, second] = received;
  expect(received).toHaveLength(3);
  expect(again?.key).toBe(first?.key);
  expect(second?.key).not.toBe(first?.key);
  expect(first?.signature).toBe(signatureOf("s3cret", first?.timestamp ?? "", first?.body ?? ""));
  expect(JSON.parse(second?.body ?? "")).toEqual({ change: "status", ticket });
});

function openDesk(urls: readonly { name: string; url: string }[]) {
  const io = new SimulatedClock(1_780_000_000_000);
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [deliveryMigration] });
  const sinks = urls.map((one) =>
    createWebhook({ ...one, secret: undefined, nowMs: () => io.nowMs() }),
  );
  const open = () => createDispatcher({ db, sinks, io, plant: io, logger: silentLogger });
  return { io, db, open };
}

/** Sockets get to speak, and time passes in steps, until `holds`. */
async function passUntil(io: SimulatedClock, stepMs: number, holds: () => boolean): Promise<void> {
  while (!holds()) {
    await io.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("two webhooks of one host have a queue each: one that is down for a while gets all of its own, the other all of its own once", async () => {
  const steady = await openReceiver([]);
  const down = await openReceiver([503, 503]);
  const { io, open } = openDesk([
    { name: "planner", url: steady.url },
    { name: "archive", url: down.url },
  ]);
  const dispatcher = open();
  onTestFinished(() => dispatcher.stop());
  for (let n = 1; n <= 5; n++) {
    dispatcher.queue({ change: "opened", ticket: { ...ticket, id: `T-${n}` } });
  }
  await passUntil(io, 0, () => dispatcher.states().some(({ refusing }) => refusing !== undefined));
  expect(dispatcher.states().find(({ refusing }) => refusing)).toMatchObject({
    name: "webhook archive",
    refusing: { why: "webhook archive did not take the ticket: it answered 503" },
  });
  await passUntil(io, 10, () => dispatcher.waitingCount() === 0);
  const ids = (list: Received[]) =>
    list.map(({ body }) => (JSON.parse(body) as { ticket: TicketView }).ticket.id);
  expect(ids(steady.received)).toEqual(["T-1", "T-2", "T-3", "T-4", "T-5"]);
  expect(ids(down.received.slice(2))).toEqual(["T-1", "T-2", "T-3", "T-4", "T-5"]);
  expect(dispatcher.states().every(({ refusing }) => refusing === undefined)).toBe(true);
});

test("what waited under the name of a host is given to every webhook of that host", async () => {
  const { url } = await openReceiver([]);
  const { host } = new URL(url);
  const { db, open } = openDesk([
    { name: "a", url },
    { name: "b", url: `${url}/b` },
  ]);
  const insert = db.prepare("INSERT INTO delivery (sink, notice, attempts) VALUES (?, ?, 0)");
  // One row a webhook, as it was; one of the second notice has been delivered already.
  for (const notice of ["1", "1", "2"]) insert.run(`webhook ${host}`, notice);
  open();
  const rows = db.prepare("SELECT sink, notice FROM delivery ORDER BY sink, id");
  expect(rows.all()).toEqual([
    { sink: "webhook a", notice: "1" },
    { sink: "webhook a", notice: "2" },
    { sink: "webhook b", notice: "1" },
    { sink: "webhook b", notice: "2" },
  ]);
  open();
  expect(rows.all()).toHaveLength(4);
});

test.each([301, 302, 303, 307, 308])(
  "a redirect (%i) is a refusal that names its address, and nothing goes there",
  async (status) => {
    const elsewhere = await openReceiver([]);
    const server = createServer((_, response) => {
      response.writeHead(status, { location: elsewhere.url }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const sink = createWebhook({ name: "cmms", url, secret: undefined, nowMs: () => 0 });
    const delivery = sink.deliver(
      { key: "1", change: "opened", ticket },
      AbortSignal.timeout(60_000),
    );
    await expect(delivery).rejects.toThrow(elsewhere.url);
    expect(elsewhere.received).toEqual([]);
  },
);
