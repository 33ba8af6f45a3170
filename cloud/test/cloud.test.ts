/** The whole tier in one process: history in, models and a ticket out, the console's API over HTTP. */
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import type { FleetView, TicketView } from "@weir/contracts/api/cloud.ts";
import {
  ArtifactKind,
  ArtifactOutcome,
  ArtifactStateSchema,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { FogStatusSchema, PullRequestSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { expect, onTestFinished, test } from "vitest";
import { createConsole } from "../src/api/console-server.ts";
import { type Cloud, type CloudOptions, createCloud } from "../src/cloud.ts";
import { openDuckdbFiles } from "../src/historian/history-files.duckdb.ts";
import { hourMs, minuteMs } from "../src/limits.ts";
import { inlineRunner } from "../src/trainer/runner.inline.ts";
import {
  type FeedTag,
  failedOutputBody,
  feedTags,
  item,
  minuteBody,
  modelBody,
  push,
  site,
  tagsBody,
} from "./site-feed.ts";
import { syntheticHistory, syntheticNowMs, syntheticTags } from "./synthetic-history.ts";
import { temporaryDir } from "./temporary-dir.ts";

const clock = () => new SimulatedClock(syntheticNowMs);

async function open(dataDir: string, change: Partial<CloudOptions> = {}): Promise<Cloud> {
  const plant = clock();
  const cloud = await createCloud({
    dataDir,
    ...{ plant, io: plant, logger: silentLogger, runner: inlineRunner },
    training: { automatic: true, include: [], exclude: [], epochCount: 2, seed: 1 },
    ...change,
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

async function exports(dir: string): Promise<string[]> {
  const files = await openDuckdbFiles();
  const list = [];
  for (const [name, bucketMs, days] of [
    ["hours", hourMs, 28],
    ["minutes", minuteMs, 2],
  ] as const) {
    const file = join(dir, `${name}.parquet`);
    const table = syntheticHistory({ bucketMs, days, wearDays: 4 });
    await files.writeTable(file, table, { base: undefined, merge: "best" });
    list.push(file);
  }
  files.close();
  return list;
}

test("imported history becomes models on their way down and, once the site is known, one ticket", async () => {
  const dir = temporaryDir();
  const events: string[] = [];
  const cloud = await open(dir, { report: (event) => events.push(event) });
  cloud.start();
  await cloud.importFiles(site, await exports(dir));
  await cloud.settled({ training: true });
  // A fog that has not told its tags would refuse every model of them.
  expect(cloud.trainings.list()).toEqual([]);

  const allTags = syntheticTags.map(({ id }) => feedTag(id));
  await cloud.door.push(push([item(1, tagsBody(allTags))]), site);
  await cloud.settled({ training: true });
  const runs = cloud.trainings.list().map((run) => `${run.kind}/${run.stage} ${run.state}`);
  // Nothing is named anywhere: what has drifted from its own past is learned first.
  expect(runs.reverse().slice(0, 3)).toEqual([
    "thresholds/edge-d done",
    "thresholds/edge-w done",
    "autoencoder/S02 done",
  ]);
  expect(runs.slice(2).sort()).toEqual(
    ["autoencoder", "forest"].flatMap((kind) =>
      ["D11", "S01", "S02", "W13"].map((stage) => `${kind}/${stage} done`),
    ),
  );
  const pull = create(PullRequestSchema, { site, cursor: 0, waitMs: 0 });
  const { items } = await cloud.door.pull(pull, site);
  expect(items.map((one) => one.edge)).toEqual(["edge-d", "edge-w", ...new Array(8).fill("")]);
  // Without the site's own description the past is not judged: a ticket should name the machine.
  expect(cloud.desk.list("open")).toEqual([]);
  await cloud.door.push(push([item(2, modelBody())]), site);
  await cloud.settled();
  const [ticket, ...others] = cloud.desk.list("open");
  expect(others).toEqual([]);
  expect(ticket).toMatchObject({
    stage: "S02",
    failureMode: "LOO",
    priority: "P2",
    status: "open",
  });
  expect(ticket?.title).toBe("Gravity thickener 2 (S02): sludge no longer thickens as it should");
  expect(ticket?.summary).toMatch(/What changed: .*LV01 1\.17 → 1\.\d\d/);
  expect(ticket?.predictedFailure?.p50Ms).toBeGreaterThan(syntheticNowMs);
  const series = cloud.health.points(site, "S02", 0);
  expect(series.length).toBeGreaterThan(200);
  expect(series.at(-1)?.score).toBeGreaterThan(3 * (series[0]?.score ?? 0));
  expect(new Set(events)).toEqual(new Set(["training", "model", "ticket"]));
  await cloud.settled({ training: true });
});

test("every plant hour that closes is scored; a cloud that was dropped goes on where it was", async () => {
  const dir = temporaryDir();
  const training = { automatic: false, include: [], exclude: [], epochCount: 1, seed: 1 };
  const first = await open(dir, { training });
  first.start();
  await first.importFiles(site, await exports(dir));
  first.trainer.queue({ site, stage: "S02", kind: "autoencoder" });
  await first.settled({ training: true });
  const before = first.health.newest(site, "S02");
  expect(before?.atMs).toBe(syntheticNowMs);
  await first.door.push(push([item(1, modelBody()), item(2, tagsBody(s02Tags))]), site);
  await first.settled();
  // Dropped here without being closed; the same files are opened again.
  const second = await open(dir, { training });
  second.start();
  let sequence = 2;
  for (let m = 0; m <= 60; m += 4) {
    const body = minuteBody(syntheticNowMs + m * minuteMs, {
      tags: s02Tags,
      value: (_, atMs) => 1 + (atMs % 7) / 10,
    });
    await second.door.push(push([item(++sequence, body)]), site);
  }
  await second.settled();
  expect(second.health.newest(site, "S02")?.atMs).toBe(syntheticNowMs + hourMs);
});

const kinds: Record<string, string> = { CL: "chlorine_free", TU: "turbidity", LV: "blanket" };

function feedTag(id: string): FeedTag {
  const kind = kinds[id.split("/")[2]?.slice(0, 2) ?? ""] ?? "other";
  return { id, kind, unit: "", periodMs: 10_000, resolution: 0.001 };
}

const s02Tags = ["PH01", "TU01", "FL01", "LV01", "MO01", "SL01"].map((name) =>
  feedTag(`edge-w/S02/${name}`),
);

test("an output that did not follow a trip is a P1 ticket at once, once", async () => {
  const cloud = await open(temporaryDir());
  cloud.start();
  const body = failedOutputBody("edge-d/1/7", syntheticNowMs);
  await cloud.door.push(push([item(1, body)]), site);
  await cloud.door.push(push([item(1, body), item(2, body)]), site);
  await cloud.settled();
  const tickets = cloud.desk.list("all");
  expect(tickets).toHaveLength(1);
  expect(tickets[0]).toMatchObject({ priority: "P1", failureMode: "STP", occurrences: 2 });
});

test("the API answers who may ask, and says what is wrong in a sentence", async () => {
  const dir = temporaryDir();
  const cloud = await open(dir, {
    training: { automatic: false, include: [], exclude: [], epochCount: 1, seed: 1 },
  });
  cloud.start();
  const io = systemClock();
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });
  const accounts = openAccounts(db, io);
  const server = await createConsole({
    ...{ cloud, accounts, host: "127.0.0.1", port: 0, logger: silentLogger },
    ...{ plant: clock(), io, clockSpec: undefined },
  });
  const { url } = await server.listen();
  onTestFinished(() => server.close());
  const status = create(FogStatusSchema, {
    atMs: syntheticNowMs,
    edges: [{ edge: "edge-d", online: true, lastSeenMs: syntheticNowMs }],
    artifacts: [
      create(ArtifactStateSchema, {
        ...{
          name: "thresholds/edge-d",
          version: 1,
          kind: ArtifactKind.THRESHOLDS,
          where: "edge-d",
        },
        ...{ outcome: ArtifactOutcome.ACTIVE, atMs: syntheticNowMs },
      }),
    ],
  });
  const minutes = Array.from({ length: 5 }, (_, m) =>
    item(m + 4, minuteBody(syntheticNowMs + m * minuteMs, { tags: feedTags, value: () => 1 + m })),
  );
  const head = [
    item(1, modelBody()),
    item(2, tagsBody()),
    item(3, { case: "status", value: status }),
  ];
  await cloud.door.push(push([...head, ...minutes]), site);
  await cloud.settled();

  const password = "seven green herons";
  const cookies: Record<string, string> = {};
  for (const role of ["viewer", "operator", "engineer"] as const) {
    await accounts.addUser({ user: role, password, role });
    cookies[role] = `${(await accounts.logIn({ user: role, password, ip: "::1" })).token}`;
  }
  const cookieName = await sessionCookieName(url);
  const ask = async (role: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        cookie: `${cookieName}=${cookies[role]}`,
        "x-weir": "1",
        "content-type": "application/json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };

  expect((await fetch(`${url}/api/fleet`)).status).toBe(401);
  const fleet: FleetView = (await ask("viewer", "/api/fleet")).body;
  expect(fleet.sites[0]).toMatchObject({
    ...{ id: site, name: "Riverside", online: true, tags: 3 },
    edges: [{ id: "edge-d", online: true, latchedTrips: 0 }],
    artifacts: [{ name: "thresholds/edge-d", outcome: "active" }],
  });
  const range = `from=${syntheticNowMs}&to=${syntheticNowMs + 5 * minuteMs}&buckets=5`;
  const history = await ask("viewer", `/api/history?site=${site}&tags=edge-d/D11/CL01&${range}`);
  expect(history.body).toMatchObject([
    {
      name: expect.stringMatching(/^D11 CL01\b/),
      unit: "mg/L",
      mean: [1, 2, 3, 4, 5],
      min: [1, 2, 3, 4, 5],
    },
  ]);
  expect(await ask("viewer", `/api/history?site=${site}&tags=a&from=5&to=4`)).toMatchObject({
    status: 400,
    body: { message: '"to" must be after "from".' },
  });
  const train = { site, stage: "D11", kind: "forest" };
  expect((await ask("operator", "/api/training", train)).status).toBe(403);
  expect(await ask("engineer", "/api/training", { ...train, stage: "X9" })).toMatchObject({
    status: 400,
    body: { message: 'Site riverside has no stage "X9".' },
  });
  expect((await ask("engineer", "/api/training", train)).status).toBe(200);
  await cloud.settled({ training: true });
  const runs = (await ask("viewer", "/api/training")).body;
  expect(runs).toMatchObject([
    { state: "failed", error: expect.stringContaining("minutes of history") },
  ]);
  expect((await ask("viewer", "/api/tickets/T-1")).status).toBe(404);
  expect((await ask("engineer", "/api/models/forest%2FX/1/publish", {})).status).toBe(404);
  const { version } = cloud.registry.register({
    ...{ kind: "forest", site, name: "forest/D11", stage: "D11", target: "fog", metrics: {} },
    ...{ payload: new Uint8Array(9), mediaType: "application/onnx", trainedOn: "a test" },
  });
  const model = `/api/models/forest%2FD11/${version}`;
  expect((await ask("engineer", `${model}/publish?site=${site}`, {})).status).toBe(200);
  // For a demonstration alone: this is none, so there is no such route.
  expect((await ask("engineer", `${model}/tamper?site=${site}`, {})).status).toBe(404);
  const queued = await cloud.door.pull(
    create(PullRequestSchema, { site, cursor: 0, waitMs: 0 }),
    site,
  );
  expect(queued.items).toHaveLength(1);
  expect((await ask("viewer", "/api/audit")).status).toBe(403);
  expect((await ask("engineer", "/api/audit")).body).toMatchObject([
    { actor: "engineer", action: "model.publish", subject: `forest/D11@${version}` },
    { actor: "engineer", action: "training.start", subject: "forest/D11" },
  ]);
  const tickets: TicketView[] = (await ask("viewer", "/api/tickets?status=all")).body;
  expect(tickets).toEqual([]);
  // A ticket of an output is of no stage: its page has nothing of a stage to ask for.
  const output = item(9, failedOutputBody("edge-d/1/7", syntheticNowMs));
  await cloud.door.push(push([output]), site);
  await cloud.settled();
  const [listed] = (await ask("viewer", "/api/tickets")).body as TicketView[];
  const opened = await ask("viewer", `/api/tickets/${listed?.id}`);
  expect(opened).toMatchObject({ status: 200, body: { stage: "", hasHealthSeries: false } });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("weir_cloud_log_items 9");
});

async function sessionCookieName(url: string): Promise<string> {
  const response = await fetch(`${url}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-weir": "1" },
    body: JSON.stringify({ user: "viewer", password: "seven green herons" }),
  });
  return response.headers.get("set-cookie")?.split("=")[0] ?? "";
}
