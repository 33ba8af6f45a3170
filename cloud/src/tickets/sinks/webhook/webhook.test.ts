import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, onTestFinished, test } from "vitest";
import "../../../faults.ts";
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
  const sink = createWebhook({ url, secret: "s3cret", nowMs: () => io.nowMs() });
  const dispatcher = createDispatcher({ db, sinks: [sink], io, logger: silentLogger });
  onTestFinished(() => dispatcher.stop());
  let arrived = next();
  dispatcher.queue({ change: "opened", ticket });
  dispatcher.queue({ change: "status", ticket });
  await io.advance(0);
  await arrived;
  expect(dispatcher.waitingCount()).toBe(2);
  // The retry is due two seconds after the refusal was noticed.
  arrived = next();
  for (let i = 0; i < 200 && received.length < 2; i++) await io.advance(50);
  while (dispatcher.waitingCount() > 0) await io.advance(1);
  const [first, again, second] = received;
  expect(received).toHaveLength(3);
  expect(again?.key).toBe(first?.key);
  expect(second?.key).not.toBe(first?.key);
  expect(first?.signature).toBe(signatureOf("s3cret", first?.timestamp ?? "", first?.body ?? ""));
  expect(JSON.parse(second?.body ?? "")).toEqual({ change: "status", ticket });
});
