/** Long polls on a simulated clock. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { SignedArtifactSchema } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  PullRequestSchema,
  PushRequestSchema,
  UplinkItemSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { createDownlinkQueue, downlinkMigration } from "../downlink/downlink-queue.ts";
import { pullWaitMaxMs } from "../limits.ts";
import { createSqliteLog, sqliteLogMigrations } from "../log/event-log.sqlite.ts";
import { createCloudDoor } from "./cloud-door.ts";

function openRig() {
  const io = new SimulatedClock(0);
  const plant = new SimulatedClock(0);
  const stopping = new AbortController();
  const memory = (migrations: string[]) =>
    openSqlite(":memory:", { synchronous: "NORMAL", migrations });
  const downlink = createDownlinkQueue(memory([downlinkMigration]), plant);
  const log = createSqliteLog(memory(sqliteLogMigrations));
  const { handler } = createCloudDoor({ log, downlink, plant, io, stopping: stopping.signal });
  const pull = (cursor: number, waitMs: number, signal?: AbortSignal) => {
    const request = create(PullRequestSchema, { site: "riverside", cursor, waitMs });
    let names: string[] | undefined;
    const done = handler.pull(request, "riverside", signal).then((answer) => {
      names = answer.items.map((item) => item.edge);
      return answer;
    });
    return { done, names: () => names };
  };
  const send = (edge: string, slot = edge) =>
    downlink.send("riverside", { edge, slot, artifact: create(SignedArtifactSchema, {}) });
  return { io, stopping, pull, send, handler };
}

test("the tag table of a site of many tags is one item, larger than any other may be", async () => {
  const { handler } = openRig();
  const tags = Array.from({ length: 6_000 }, (_, index) => ({
    edge: "edge-w",
    tag: { index, id: `TANK1/${index}`, assetPath: "x".repeat(200) },
  }));
  type Body = NonNullable<MessageInitShape<typeof UplinkItemSchema>["body"]>;
  const push = (body: Body) => {
    const items = [create(UplinkItemSchema, { sequence: 1, body })];
    return handler.push(
      create(PushRequestSchema, { site: "riverside", epoch: 1, items }),
      "riverside",
    );
  };
  await expect(push({ case: "tags", value: { tags } })).resolves.toMatchObject({
    durableSequence: 1,
  });
  const headline = "x".repeat(600 * 1_024);
  await expect(push({ case: "incident", value: { headline } })).rejects.toThrow(/at most 524288/);
});

test("a pull waits until something comes", async () => {
  const { io, pull, send } = openRig();
  const waiting = pull(0, 30_000);
  await io.advance(pullWaitMaxMs / 2);
  expect(waiting.names()).toBeUndefined();
  send("edge-w");
  await io.advance(0);
  expect(waiting.names()).toEqual(["edge-w"]);
});

test("a pull answers empty when its time is up, when its client leaves, and when the cloud stops", async () => {
  const { io, pull, stopping } = openRig();
  const patient = pull(0, 30_000);
  // Longer than the cloud lets anybody wait: its silence would be taken for health.
  await io.advance(pullWaitMaxMs - 1);
  expect(patient.names()).toBeUndefined();
  await io.advance(1);
  expect(patient.names()).toEqual([]);
  const client = new AbortController();
  const gone = pull(0, 30_000, client.signal);
  client.abort();
  await io.advance(0);
  expect(gone.names()).toEqual([]);
  const last = pull(0, 30_000);
  stopping.abort();
  await io.advance(0);
  expect(last.names()).toEqual([]);
});

test("the same cursor gives the same answer; the next goes on; a newer one of a slot replaces the older", async () => {
  const { io, pull, send } = openRig();
  send("edge-w");
  send("edge-d");
  const first = await pull(0, 0).done;
  expect((await pull(0, 0).done).items.map((item) => item.cursor)).toEqual(
    first.items.map((item) => item.cursor),
  );
  expect((await pull(first.items[0]?.cursor ?? 0, 0).done).items.map((item) => item.edge)).toEqual([
    "edge-d",
  ]);
  send("edge-w");
  const later = await pull(0, 0).done;
  expect(later.items.map((item) => item.edge)).toEqual(["edge-d", "edge-w"]);
  await io.advance(0);
});
