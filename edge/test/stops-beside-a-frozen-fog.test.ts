/** A fog that stands still must not hold up, dirty or lose anything of a stop. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { balanced } from "@weir/contracts/ledger.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { edgeMigrations } from "../src/edge-schema.ts";
import { OutboxStore } from "../src/outbox/outbox-store.ts";
import { startDevice } from "./tls-fog.ts";

const fogProgram = fileURLToPath(new URL("./fog-child.ts", import.meta.url));

const yaml = (device: number, fog: number) => `
version: 1
site: {id: riverside}
edge: edge-w
uplink: {url: "mqtts://127.0.0.1:${fog}", identity: ./identity}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1, port: ${device}}
devices:
  - {id: W13, connection: plc, unit: 1, tags: {TU01: {read: "holding:1", type: int16, every: 1s}}}
`;

/** How many readings the fog holds, by what it said last. */
const storedAt = (fog: TierProcess): number =>
  Number(fog.events.findLast(({ event }) => event === "stored")?.["count"] ?? 0);

test("weir-edge stopped while its fog is frozen: in order, without an error, and nothing is lost", async () => {
  const folder = tempDir();
  const fog = startProgram({ program: fogProgram, args: [`${folder}/identity`] });
  const { port } = await fog.waitFor("listening");
  writeFileSync(`${folder}/edge.yaml`, yaml(await startDevice(), Number(port)));
  const start = () =>
    startProgram({
      program: "weir-edge",
      args: ["run", "--config", `${folder}/edge.yaml`, "--data-dir", `${folder}/data`, "--json"],
    });
  const storesMore = async () => {
    const before = storedAt(fog);
    await fog.waitFor("stored", ({ count }) => Number(count) > before + 2);
  };

  const first = start();
  await first.waitFor("link", ({ online }) => online === true);
  await storesMore();
  process.kill(fog.pid, "SIGSTOP");
  const sent = ledgerOf(folder).acquired;
  // Until something is on its way that nobody answers.
  while (ledgerOf(folder).acquired < sent + 3) await new Promise((done) => setTimeout(done, 100));
  expect(await first.stop()).toBe(0);
  expect(first.stderr()).not.toMatch(/"level":"error"/);
  expect(first.stderr()).not.toContain("took too long");
  const kept = ledgerOf(folder);
  expect(balanced(kept)).toBe(true);
  expect(kept.pending).toBeGreaterThan(0);

  process.kill(fog.pid, "SIGCONT");
  // The farewell or the will: a machine that answers what a process sent before it ended is told that
  // nobody is there any more, and TCP then drops what it had not read yet, the farewell perhaps.
  await fog.waitFor("death");
  const second = start();
  await second.waitFor("link", ({ online }) => online === true);
  await storesMore();
  expect(await second.stop()).toBe(0);
  let ledger = ledgerOf(folder);
  // A stop waits a second for the last acknowledgements; what a busy machine is late with, the next start sends.
  while (ledger.pending > 0) {
    const next = start();
    await next.waitFor("link", ({ online }) => online === true);
    expect(await next.stop()).toBe(0);
    ledger = ledgerOf(folder);
  }
  expect(ledger.dropped).toBe(0);
  const isWhole = () => storedAt(fog) === ledger.delivered;
  await fog.waitFor("stored", isWhole);
});

function ledgerOf(folder: string) {
  const db = openSqlite(`${folder}/data/edge.db`, {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const ledger = new OutboxStore(db).loadLedger();
  db.close();
  return ledger;
}
