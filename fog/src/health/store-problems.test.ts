/** Each trouble of disk, queue, outbox and cloud link: told with its figures while it is so, and gone after it. */
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { type StoreParts, storeProblems } from "./store-problems.ts";

const startMs = Date.UTC(2026, 5, 2);
const mebibyte = 2 ** 20;

function rig() {
  const clock = new SimulatedClock(startMs);
  const ingest = { queueLength: 0, refusing: undefined };
  const outbox = { evicted: 0, items: 12 };
  const uplink: { failing: { sinceMs: number; why: string } | undefined } = { failing: undefined };
  let free: number | undefined;
  const parts = { clock, ingest, historian: { refusing: undefined }, outbox, uplink };
  const look = storeProblems({ ...parts, freeDiskBytes: () => free } as unknown as StoreParts);
  const told = () => look().map(({ code, severity, text }) => ({ code, severity, text }));
  return { clock, ingest, outbox, uplink, told, setFree: (bytes: number) => (free = bytes) };
}

test("queue-long: from 2 049 messages that wait for their commit", () => {
  const { ingest, told } = rig();
  ingest.queueLength = 2_048;
  expect(told()).toEqual([]);
  ingest.queueLength = 2_049;
  expect(told()).toEqual([expect.objectContaining({ code: "queue-long", severity: "medium" })]);
  expect(told()[0]?.text).toContain("2049 messages wait");
  ingest.queueLength = 3;
  expect(told()).toEqual([]);
});

test("cloud-offline: since it failed, with why and how much waits; no failure of the fog", () => {
  const { uplink, told } = rig();
  uplink.failing = { sinceMs: startMs - 7_200_000, why: "connection refused" };
  expect(told()).toEqual([
    {
      ...{ code: "cloud-offline", severity: "low" },
      text: "the cloud has not been reached for 2 h (connection refused); 12 items wait for it here",
    },
  ]);
  uplink.failing = undefined;
  expect(told()).toEqual([]);
});

test("outbox-evicting: how many and how long ago, for an hour after the last", async () => {
  const { clock, outbox, told } = rig();
  outbox.evicted = 5;
  expect(told()[0]).toMatchObject({ code: "outbox-evicting", severity: "medium" });
  await clock.advance(1_800_000);
  expect(told()[0]?.text).toMatch(/5 items were given up since the start, the newest 30 min ago/);
  outbox.evicted = 6;
  expect(told()[0]?.text).toContain("6 items were given up since the start, the newest 0 s ago");
  await clock.advance(3_600_000);
  expect(told()).toEqual([]);
});

test("disk-low below a gibibyte, disk-full below 64 MiB, nothing where nobody can look", () => {
  const { told, setFree } = rig();
  expect(told()).toEqual([]);
  setFree(1_024 * mebibyte);
  expect(told()).toEqual([]);
  setFree(1_024 * mebibyte - 1);
  expect(told()[0]).toMatchObject({ code: "disk-low", severity: "low" });
  setFree(64 * mebibyte - 1);
  expect(told()[0]).toMatchObject({ code: "disk-full", severity: "high" });
  expect(told()[0]?.text).toContain("63 MiB are free");
});
