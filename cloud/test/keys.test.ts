/** What sites trust is never replaced in silence: lost or damaged, it is one sentence and no start. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { openKeys, signingKeyFile } from "../src/cloud-keys.ts";
import { noteCommand } from "../src/commands/command-audit.ts";
import { knownSites } from "../src/commands/known-sites.ts";
import { openRevocations, revocationsReadEveryMs } from "../src/enrolment/revocations.ts";
import { openSigningKey, renewSigningKey } from "../src/model-registry/signing-key.ts";
import { openDatabases } from "../src/storage.ts";
import { temporaryDir } from "./temporary-dir.ts";

const nowMs = Date.UTC(2026, 10, 30);
const io = () => new SimulatedClock(nowMs);

/** A folder as a first start leaves it. */
async function established(): Promise<string> {
  const dir = temporaryDir();
  const { authority } = await openKeys(dir, io());
  await authority.server(["cloud.example"]);
  noteCommand(dir, { action: "site.enrol", subject: "mill", detail: "" });
  return dir;
}

const garbage = "-----BEGIN PRIVATE KEY-----\nnot base64\n-----END PRIVATE KEY-----\n";

test.each([
  ["signing-key.pem", "renew-signing-key"],
  ["pki/ca.pem", "enrol every site again"],
  ["pki/ca-key.pem", "enrol every site again"],
])(
  "%s: garbage, empty or gone ends in one sentence with the remedy, and stays as it is",
  async (name, remedy) => {
    const dir = await established();
    const file = join(dir, name);
    for (const text of [garbage, "", undefined]) {
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      const failed = await openKeys(dir, io()).then(
        () => "opened",
        (error: Error) => `${error.name} ${error.message}`,
      );
      expect(failed).toContain(`Fault ${file} cannot be used (`);
      expect(failed).toContain(remedy);
      expect(existsSync(file) ? readFileSync(file, "utf8") : undefined).toBe(text);
    }
  },
);

test("a key that belongs to another certificate is no key", async () => {
  const [dir, other] = [await established(), await established()];
  writeFileSync(join(dir, "pki/ca-key.pem"), readFileSync(join(other, "pki/ca-key.pem")));
  await expect(openKeys(dir, io())).rejects.toThrow("not the key of the certificate");
});

test("a server's own certificate is made again when it is damaged", async () => {
  const dir = await established();
  writeFileSync(join(dir, "pki/server-key.pem"), garbage);
  const { authority } = await openKeys(dir, io());
  const identity = await authority.server(["cloud.example"]);
  expect(identity.keyPem).not.toBe(garbage);
  expect(await authority.server(["cloud.example"])).toEqual(identity);
});

test("a renewed signing key sets the old one aside", async () => {
  const dir = await established();
  const file = signingKeyFile(dir);
  writeFileSync(file, garbage);
  const { aside } = renewSigningKey(file, nowMs);
  expect(readFileSync(aside as string, "utf8")).toBe(garbage);
  expect(openSigningKey(file, { mayCreate: false }).id).toMatch(/^[0-9a-f]{16}$/);
});

test("revocations hold from when they were written, by hand or by command, and are told when they say nothing", async () => {
  const file = join(temporaryDir(), "revoked.txt");
  const clock = io();
  const revocations = openRevocations(file, clock);
  const certificate = (site: string, issuedAtMs = nowMs) => ({
    site,
    serial: "0aB1c2D3e4",
    issuedAtMs,
  });
  expect(revocations.isRevoked(certificate("mill"))).toBe(false);
  writeFileSync(file, `# stolen gateway\nsite mill ${new Date(nowMs).toISOString()}\n`);
  await clock.advance(revocationsReadEveryMs);
  expect(revocations.isRevoked(certificate("mill"))).toBe(true);
  expect(revocations.isRevoked(certificate("mill", nowMs + 1_000))).toBe(false);
  expect(revocations.isRevoked(certificate("bakery"))).toBe(false);
  writeFileSync(file, "site mill\n");
  await clock.advance(revocationsReadEveryMs);
  expect(revocations.fault()).toContain('line 1: "site mill"');
  expect(revocations.isRevoked(certificate("mill"))).toBe(true);
  expect(() => openRevocations(file, clock)).toThrow("does not say who is revoked");
  writeFileSync(file, "0AB1C2D3E4\n");
  await clock.advance(revocationsReadEveryMs);
  expect(revocations.fault()).toBeUndefined();
  expect(revocations.isRevoked(certificate("bakery"))).toBe(true);
});

test("who was enrolled is known afterwards", async () => {
  const dir = await established();
  const { authority } = await openKeys(dir, io());
  await authority.enrol("mill");
  await authority.enrol("bakery");
  expect(knownSites(dir, authority)).toEqual(["bakery", "mill"]);
});

test("a lost list of the history ends in one sentence; no file of history is removed", async () => {
  const dir = await established();
  const day = join(dir, "history/mill/hour/2026-11-29.1.parquet");
  mkdirSync(dirname(day), { recursive: true });
  writeFileSync(day, "PAR1");
  const file = join(dir, "history.db");
  for (const lose of [() => writeFileSync(file, ""), () => rmSync(file)]) {
    lose();
    expect(() => openDatabases((name) => join(dir, name), nowMs)).toThrow(
      "holds 1 files of history",
    );
    expect(existsSync(day)).toBe(true);
  }
});

test("an empty list of the history, or an empty cloud.db, is no new beginning", async () => {
  const dir = await established();
  const path = (one: string) => join(dir, one);
  for (const database of Object.values(openDatabases(path, nowMs).databases)) database.close();
  for (const name of ["history.db", "cloud.db"]) {
    const whole = readFileSync(path(name));
    writeFileSync(path(name), "");
    expect(() => openDatabases(path, nowMs)).toThrow(
      /is damaged \(.*it is empty.*restore a backup/,
    );
    expect(readFileSync(path(name))).toHaveLength(0);
    writeFileSync(path(name), whole);
  }
});

const flip = (file: string) => writeFileSync(file, readFileSync(file).fill(0x55, 0, 4_000));

test.each([
  ["cloud.db", /tickets, models.* restore a backup/],
  ["history.db", /list of all history.* restore a backup/],
])(
  "a damaged %s is one sentence with the remedy and no start, and stays as it is",
  async (name, says) => {
    const dir = await established();
    const path = (one: string) => join(dir, one);
    for (const database of Object.values(openDatabases(path, nowMs).databases)) database.close();
    flip(path(name));
    const before = readFileSync(path(name));
    expect(() => openDatabases(path, nowMs)).toThrow(says);
    expect(readFileSync(path(name))).toEqual(before);
  },
);

test.each([
  ["damaged", flip],
  ["emptied", (file: string) => writeFileSync(file, "")],
])(
  "a log.db that is %s is set aside and told; offsets that were read are not given again",
  async (_, harm) => {
    const dir = await established();
    const path = (one: string) => join(dir, one);
    const first = openDatabases(path, nowMs).databases;
    first.cloud
      .prepare(
        "INSERT INTO consumer_position (consumer_group, partition, next_offset) VALUES ('fleet', 0, 41)",
      )
      .run();
    for (const database of Object.values(first)) database.close();
    harm(path("log.db"));
    const { databases, findings } = openDatabases(path, nowMs);
    expect(findings).toMatchObject([{ code: "damaged", subject: "log.db" }]);
    expect(findings[0]?.text).toContain(
      "log.db.damaged-20261130T000000Z now and a new one was begun",
    );
    const row = databases.log
      .prepare("SELECT seq FROM sqlite_sequence WHERE name = 'record'")
      .get<{ seq: number }>();
    expect(row?.seq).toBe(40);
    for (const database of Object.values(databases)) database.close();
  },
);
