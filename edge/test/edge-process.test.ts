/** The real program against a real device, a real broker over TLS, and kill -9. */
import { writeFileSync } from "node:fs";
import { balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { edgeMigrations } from "../src/edge-schema.ts";
import { OutboxStore } from "../src/outbox/outbox-store.ts";
import { startDevice, startFog } from "./tls-fog.ts";

const yaml = (device: number, fog: number) => `
version: 1
site: {id: riverside}
edge: edge-w
uplink: {url: "mqtts://127.0.0.1:${fog}", identity: ./identity}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1, port: ${device}}
devices:
  - id: W13
    connection: plc
    unit: 1
    tags:
${[1, 2, 3, 4].map((n) => `      TU0${n}: {read: "holding:${n}", type: int16, scale: 0.01, unit: NTU, kind: turbidity, every: 1s, min: 0, max: 10}`).join("\n")}
`;

test("weir-edge: killed, cut off, stopped; what the fog stored is what the ledger says was delivered", async () => {
  const folder = tempDir();
  const { fog, port, cut } = await startFog(`${folder}/identity`);
  writeFileSync(`${folder}/edge.yaml`, yaml(await startDevice(), port));
  const clock = `rate=20,from=2026-06-02T05:00:00Z,at=${Math.round(systemClock().nowMs())}`;
  const start = (): TierProcess =>
    startProgram({
      program: "weir-edge",
      args: [
        "run",
        "--config",
        `${folder}/edge.yaml`,
        "--data-dir",
        `${folder}/data`,
        "--clock",
        clock,
        "--json",
      ],
    });
  const storedAbove = async (count: number) => {
    while (fog.stored <= count) await systemClock().sleep(20);
  };

  const first = start();
  await first.waitFor("link", (event) => event["online"] === true);
  await storedAbove(100);
  await first.kill();

  const second = start();
  const { url } = await second.waitFor("address");
  await storedAbove(fog.stored + 100);
  cut();
  await storedAbove(fog.stored + 200);
  const asked = ["status", "--url", String(url), "--data-dir", folder];
  const status = () => startProgram({ program: "weir-edge", args: asked }).exited;
  // At twenty times the pace a busy machine reads late now and then, and that is not well.
  while ((await status()) !== 0) await systemClock().sleep(50);

  const stopped = async (agent: TierProcess) => {
    expect(await agent.stop()).toBe(0);
    const ledger = ledgerOf(folder);
    expect(balanced(ledger)).toBe(true);
    return ledger;
  };
  let ledger = await stopped(second);
  // A stop waits a second for the last acknowledgements; what a busy machine is late with, the next start sends.
  while (ledger.pending > 0) {
    const next = start();
    await next.waitFor("link", (event) => event["online"] === true);
    ledger = await stopped(next);
  }
  expect(ledger.dropped).toBe(0);
  expect(fog.stored).toBe(ledger.delivered);
  expect(fog.births.length).toBeGreaterThanOrEqual(3);
  expect(fog.deaths.at(-1)).toMatchObject({ orderly: true });
});

function ledgerOf(folder: string): LedgerCounts {
  const db = openSqlite(`${folder}/data/edge.db`, {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const ledger = new OutboxStore(db).loadLedger();
  db.close();
  return ledger;
}
