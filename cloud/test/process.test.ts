/** The real program: started, asked, killed, started again. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CloudDoor } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, onTestFinished, test } from "vitest";
import { historianMigrations } from "../src/historian/historian.ts";
import { minuteMs } from "../src/limits.ts";
import { feedTags, item, minuteBody, modelBody, push, site, tagsBody } from "./site-feed.ts";
import { temporaryDir } from "./temporary-dir.ts";

const mainFile = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const cli = (...args: string[]) => promisify(execFile)(process.execPath, [mainFile, ...args]);

interface Running {
  process: ChildProcess;
  url: (what: string) => string;
}

async function start(dataDir: string, ...more: string[]): Promise<Running> {
  const args = ["run", "--data-dir", dataDir, "--door-port", "0", "--console-port", "0", "--json"];
  const child = spawn(process.execPath, [mainFile, ...args, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stderr.resume();
  const urls = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { event: string; what: string; url: string };
    if (event.event === "address") urls.set(event.what, event.url);
    if (event.event === "started") break;
  }
  child.stdout.resume();
  return { process: child, url: (what) => urls.get(what) ?? "" };
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));

function doorOf(url: string, folder: string) {
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const nodeOptions = { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "1.1", nodeOptions });
  return createClient(CloudDoor, transport);
}

test("starts on free ports, answers status, keeps a second process out, ends in order", async () => {
  const dataDir = temporaryDir();
  const running = await start(dataDir);
  const { stdout } = await cli("status", "--data-dir", dataDir, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, tier: "cloud", openTickets: 0 });
  const second = await cli("run", "--data-dir", dataDir).catch((error) => error as never);
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${running.process.pid}`),
  });
  const over = ended(running.process);
  running.process.kill("SIGTERM");
  expect(await over).toBe(0);
  const gone = await cli("status", "--data-dir", dataDir).catch((error) => error as never);
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("no weir-cloud answers") });
});

test("an enrolled site pushes on over kill -9, and nothing counts twice", async () => {
  const dataDir = temporaryDir();
  const identity = join(dataDir, "identity");
  let running = await start(dataDir);
  await cli("enrol-site", site, "--data-dir", dataDir, "--out", identity);
  const { url } = JSON.parse(readFileSync(join(identity, "identity.json"), "utf8")) as {
    url: string;
  };
  expect(url).toBe(running.url("door"));
  const startMs = Date.UTC(2026, 5, 2);
  const items = [item(1, modelBody()), item(2, tagsBody())];
  for (let m = 0; m < 30; m++) {
    items.push(item(m + 3, minuteBody(startMs + m * minuteMs, { value: () => 1 })));
  }
  let durable = 0;
  for (const upTo of [10, 20, 32]) {
    const door = doorOf(running.url("door"), identity);
    // From before what is durable: a fog that missed the answer sends again.
    const answer = await door.push(push(items.slice(Math.max(0, durable - 4), upTo)));
    durable = answer.durableSequence;
    expect(durable).toBe(upTo);
    const over = ended(running.process);
    running.process.kill("SIGKILL");
    await over;
    running = await start(dataDir);
  }
  const last = doorOf(running.url("door"), identity);
  expect((await last.push(push(items))).durableSequence).toBe(32);
  const over = ended(running.process);
  running.process.kill("SIGTERM");
  await over;
  const db = openSqlite(join(dataDir, "history.db"), {
    synchronous: "NORMAL",
    migrations: historianMigrations,
  });
  const rows = db
    .prepare("SELECT count(*) AS count, sum(n) AS n FROM minute")
    .get<{ count: number; n: number }>();
  db.close();
  const perMinute = feedTags.reduce((sum, tag) => sum + minuteMs / tag.periodMs, 0);
  expect(rows).toEqual({ count: 30 * feedTags.length, n: 30 * perMinute });
});

test("a settings file with faults is told all of them, with line and column", async () => {
  const file = join(temporaryDir(), "cloud.yaml");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(
    file,
    "door:\n  port: 99999\ntrainig:\n  seed: x\ntickets:\n  webhooks: [{url: nowhere}]\n",
  );
  const failed = await cli("validate", file).catch(
    (error) => error as { code: number; stderr: string },
  );
  expect(failed).toMatchObject({ code: 1 });
  const text = (failed as { stderr: string }).stderr;
  expect(text).toContain("door.port");
  expect(text).toContain("did you mean training?");
  expect(text).toContain("tickets.webhooks");
});
