/** Backups from the page and by command, the audit command, and a fog without its authority. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackupView } from "@weir/contracts/api/backup.ts";
import { Backups } from "@weir/runtime/backups.ts";
import { runProgram } from "@weir/runtime/cli.ts";
import { plantClock, systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { checkBackup } from "@weir/runtime/restore.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { configurationOf } from "../src/commands/fog-options.ts";
import { openRunningFog } from "../src/commands/running-fog.ts";
import { fogBackup } from "../src/fog-backup.ts";
import { program } from "../src/program.ts";
import { journalMigrations } from "../src/store.ts";
import { DashboardRig, signIn } from "./dashboard-rig.ts";
import { FakeEdge } from "./fake-edge.ts";
import { FogRig, seconds, site, startMs } from "./fog-rig.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-backups-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function weirFog(...words: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (l: string) => out.push(l),
    err: (l: string) => err.push(l),
    env: { USER: "ana" },
  };
  const code = await runProgram(program, words, { ...io, isTTY: false });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("while it runs: from the page and by command; restored, the readings are there again", async () => {
  const rig = await new FogRig().start();
  const edge = new FakeEdge("edge-w");
  const session = rig.door.connect("edge-w", () => {});
  await session.publish("birth", edge.birth(startMs));
  for (let i = 0; i < 3; i++) {
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(60_000);
    await session.publish("blocks", edge.blocks(seconds(fromMs, 60)));
  }
  await rig.clock.advance(60_000);
  const backups = new Backups({
    ...rig.fog.core,
    ioClock: systemClock(),
    thread: new URL("../src/backup-thread.ts", import.meta.url),
  });
  backups.start("ana");
  backups.start("ben"); // one is under way
  expect(backups.view().runningSinceMs).not.toBeNull();
  await backups.settled();
  const { last, failed } = backups.view();
  expect(failed).toBeNull();
  expect(last?.isThere).toBe(true);
  expect(checkBackup(last?.target ?? "", fogBackup).files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["fog.db", "history/2026-06-02.db", "history/site-tags.json"]),
  );
  expect(rig.fog.core.audit.recent(1)[0]).toMatchObject({ actor: "ana", action: "backup" });

  const target = join(folder, "by command");
  expect(await weirFog("backup", target, "--data-dir", rig.folder)).toMatchObject({ code: 0 });
  const elsewhere = join(folder, "elsewhere");
  const restored = await weirFog("restore", target, "--data-dir", elsewhere);
  expect(restored).toMatchObject({ code: 0, out: expect.stringContaining(`are in ${elsewhere}`) });
  await rig.stop();
  const again = await new FogRig({ dataDir: elsewhere }).start();
  const readings = again.fog.core.historian.reader.readings(startMs + 60_000);
  expect([...readings.values()].reduce((sum, { timesMs }) => sum + timesMs.length, 0)).toBe(120);
  expect(again.fog.core.integrity.list(5)).toMatchObject([
    { code: "restored", text: expect.stringContaining("by ana at") },
  ]);
  await again.stop();
});

test("over HTTP: anybody signed in sees how it stands, engineers alone begin one, and its name is in the audit", async () => {
  const rig = await new DashboardRig().start();
  try {
    const url = new URL("/api/backup", rig.dashboard.url);
    expect((await fetch(url)).status).toBe(401);
    const headers = { "x-weir": "1", origin: url.origin };
    expect((await fetch(url, { method: "POST", headers })).status).toBe(401);
    const engineer = await signIn(rig.linkFor("engineer"), "ana");
    for (const role of ["viewer", "operator", "supervisor"] as const) {
      const person = await signIn(rig.linkFor(role), `a-${role}`);
      const seen = await person.ask("/api/backup");
      expect(await seen.json()).toMatchObject({ last: null, runningSinceMs: null, failed: null });
      const refused = await person.post("/api/backup", {});
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({
        message: `This needs the role engineer; you are ${role}.`,
      });
    }
    expect(existsSync(join(rig.fogRig.folder, "backups"))).toBe(false);
    const begun = (await (await engineer.post("/api/backup", {})).json()) as BackupView;
    expect(begun.runningSinceMs).toBeGreaterThan(0);
    const ended = await vi.waitFor(
      async () => {
        const view = (await (await engineer.ask("/api/backup")).json()) as BackupView;
        expect(view.runningSinceMs).toBeNull();
        return view;
      },
      { timeout: 60_000 },
    );
    expect(ended).toMatchObject({ failed: null, last: { isThere: true } });
    const files = checkBackup(ended.last?.target ?? "", fogBackup).files.map(({ path }) => path);
    expect(files).toEqual(expect.arrayContaining(["fog.db", "accounts.db", "incidents.db"]));
    expect(rig.fogRig.fog.core.audit.recent(1)).toMatchObject([{ actor: "ana", action: "backup" }]);
  } finally {
    await rig.stop();
  }
});

test("audit verify: unbroken, and broken with the place; also told at the next start", async () => {
  const rig = await new FogRig().start();
  const { audit } = rig.fog.core;
  for (let i = 1; i <= 5; i++)
    audit.append({ actor: "ana", action: "a", subject: `${i}`, detail: "" });
  expect(await weirFog("audit", "verify", "--data-dir", rig.folder)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^5 entries, unbroken; the newest has the hash [0-9a-f]{64}$/),
  });
  expect((await weirFog("audit", "list", "--data-dir", rig.folder)).out).toContain("ana  a  5");
  rig.fog.core.historian.close();
  rig.fog.kill();
  const db = openSqlite(join(rig.folder, "fog.db"), {
    synchronous: "NORMAL",
    migrations: journalMigrations,
  });
  db.exec("UPDATE audit SET actor = 'ben' WHERE sequence = 3");
  db.close();
  expect(await weirFog("audit", "verify", "--data-dir", rig.folder)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/entry 3 is changed, missing or out of place/),
  });
  await rig.start();
  expect(rig.fog.core.integrity.problems()[0]).toMatchObject({
    code: "integrity-audit",
    severity: "high",
    text: expect.stringContaining("entry 3"),
  });
  expect((await weirFog("audit", "mend", "--data-dir", rig.folder)).err).toContain('"mend" is not');
  expect((await weirFog("audit", "verify", "--data-dir", folder)).err).toContain("holds no fog.db");
  await rig.stop();
});

test("a lost authority beside a fog that has served: nobody is enrolled, no other one is made, the fog shows what it has", async () => {
  const data = join(folder, "data");
  const config = join(folder, "fog.yaml");
  writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
  writeFileSync(config, "mqtt: {port: 0, host: 127.0.0.1}\nhttp: {port: 0}\n");
  const enrol = (out: string) =>
    weirFog(
      "enrol-edge",
      "edge-w",
      "--config",
      config,
      "--data-dir",
      data,
      "--out",
      join(folder, out),
    );
  expect(await enrol("w")).toMatchObject({ code: 0 });
  const run = async () => {
    const { settings, site: model } = configurationOf(config);
    return openRunningFog({
      ...{ settings, site: model, dataDir: data, plantRate: 1, logger: silentLogger },
      ...{ clock: plantClock(undefined), ioClock: systemClock() },
      reporter: { event: () => {} },
    });
  };
  await (await run()).close();
  rmSync(join(data, "authority"), { recursive: true });
  const refused = await enrol("x");
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/certificate authority is gone .*weir-fog restore/);
  expect(existsSync(join(data, "authority"))).toBe(false);
  const fog = await run();
  const health = await fetch(new URL("/healthz", fog.dashboard.url));
  expect(health.status).toBe(503);
  expect(await health.text()).toContain("authority-lost");
  await fog.close();
  expect(readdirSync(data)).not.toContain("authority");
});

test.each<[string, string, (file: string) => void]>([
  ["ca-key.pem", "gone", (file) => rmSync(file)],
  ["ca-key.pem", "damaged", (file) => writeFileSync(file, "garbage")],
  ["ca.pem", "empty", (file) => writeFileSync(file, "")],
  ["signing-key.pem", "gone", (file) => rmSync(file)],
])(
  "%s %s beside a fog that has served: it runs, lets nobody in and says so",
  async (name, _, harm) => {
    const data = join(folder, "data");
    const config = join(folder, "fog.yaml");
    writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
    writeFileSync(config, "mqtt: {port: 0, host: 127.0.0.1}\nhttp: {port: 0}\n");
    const words = ["--config", config, "--data-dir", data];
    await weirFog("enrol-edge", "edge-w", ...words, "--out", join(folder, "w"));
    writeFileSync(join(data, "addresses.json"), "{}");
    const file = join(data, "authority", name);
    harm(file);
    const before = existsSync(file);
    const refused = await weirFog("enrol-edge", "x", ...words, "--out", join(folder, "x"));
    expect(refused.err).toContain(`authority cannot be read: ${file}: `);
    expect(refused.err).toContain("--with-secrets");
    const { settings, site: model } = configurationOf(config);
    const fog = await openRunningFog({
      ...{ settings, site: model, dataDir: data, plantRate: 1, logger: silentLogger },
      ...{ clock: plantClock(undefined), ioClock: systemClock() },
      reporter: { event: () => {} },
    });
    const health = await fetch(new URL("/healthz", fog.dashboard.url));
    expect(health.status).toBe(503);
    expect(await health.text()).toContain(file);
    await fog.close();
    expect(existsSync(file)).toBe(before);
  },
);

test.each<[string, (file: string) => void]>([
  ["damaged", (file) => writeFileSync(file, readFileSync(file).fill(0x55, 0, 4_000))],
  ["empty", (file) => writeFileSync(file, "")],
  ["gone", (file) => rmSync(file)],
])(
  "a list of certificates that is %s: nobody is let in or enrolled, health says so, and it stays as it is",
  async (_, harm) => {
    const data = join(folder, "data");
    const config = join(folder, "fog.yaml");
    writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
    writeFileSync(config, "mqtt: {port: 0, host: 127.0.0.1}\nhttp: {port: 0}\n");
    const words = ["--config", config, "--data-dir", data];
    await weirFog("enrol-edge", "edge-w", ...words, "--out", join(folder, "w"));
    const run = async () => {
      const { settings, site: model } = configurationOf(config);
      return openRunningFog({
        ...{ settings, site: model, dataDir: data, plantRate: 1, logger: silentLogger },
        ...{ clock: plantClock(undefined), ioClock: systemClock() },
        reporter: { event: () => {} },
      });
    };
    await (await run()).close();
    const list = join(data, "authority/enrolment.db");
    harm(list);
    const before = existsSync(list) ? readFileSync(list) : undefined;
    const refused = await weirFog("enrol-edge", "x", ...words, "--out", join(folder, "x"));
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(/enrolment\.db cannot be used .*weir-fog restore/s),
    });
    const fog = await run();
    const health = await fetch(new URL("/healthz", fog.dashboard.url));
    expect(health.status).toBe(503);
    expect(await health.text()).toContain("list of issued and revoked certificates");
    await fog.close();
    expect(existsSync(list) ? readFileSync(list) : undefined).toEqual(before);
  },
);

test("keys only with the word", async () => {
  const data = join(folder, "data");
  const config = join(folder, "fog.yaml");
  writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
  writeFileSync(config, "mqtt: {port: 0}\nhttp: {port: 0}\n");
  await weirFog(
    "enrol-edge",
    "edge-w",
    "--config",
    config,
    "--data-dir",
    data,
    "--out",
    join(folder, "w"),
  );
  await weirFog("backup", join(folder, "plain"), "--data-dir", data);
  expect(existsSync(join(folder, "plain/authority/ca.pem"))).toBe(true);
  expect(existsSync(join(folder, "plain/authority/ca-key.pem"))).toBe(false);
  await weirFog("backup", join(folder, "whole"), "--data-dir", data, "--with-secrets");
  const key = join(folder, "whole/authority/ca-key.pem");
  expect(readFileSync(key, "utf8")).toContain("PRIVATE KEY");
  expect(statSync(key).mode & 0o777).toBe(0o600);
});
