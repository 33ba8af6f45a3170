/** kill -9 of a real process at a PUBACK or while it seals, again and again: nothing acknowledged is lost or doubled. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { topicOf } from "@weir/contracts/topics.ts";
import { formatClockSpec, scaledClock, systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import type { Identity } from "@weir/runtime/pki.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { sized } from "@weir/testing/test-size.ts";
import { connectAsync } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { memoryDoor } from "../src/broker/memory-door.ts";
import { openSiteAuthority } from "../src/enrolment/site-authority.ts";
import { createFog } from "../src/fog.ts";
import { FakeEdge } from "./fake-edge.ts";
import { site, startMs } from "./fog-rig.ts";

const kills = sized(20, 400);

/** A process starts in a second when it has a core to itself; a hang is what this finds. */
const patienceMs = 30_000 + kills * 15_000;
const batchesPerLife = 30;
const program = fileURLToPath(new URL("./kill-child.ts", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "weir-kill-"));
const dataDir = join(folder, "data");
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

// The plant runs 600 times as fast, so that a life in which a minute is sealed is a short one.
const spec = { rate: 600, fromMs: startMs, atMs: systemClock().nowMs() };
const plant = scaledClock(spec);
const edge = new FakeEdge("edge-d");
const acked = new Set<string>();
let sentMs = startMs;

/** Batches not acknowledged yet, oldest first. */
const outbox: { bytes: Uint8Array; readings: string[] }[] = [];

function acquire(): void {
  const timesMs = Array.from({ length: 5 }, (_, i) => sentMs + i * 1_000);
  sentMs += 5_000;
  const readings = edge.tags.flatMap(({ id }) => timesMs.map((atMs) => `${id}@${atMs}`));
  outbox.push({ bytes: edge.blocks(timesMs), readings });
}

interface Life {
  child: ChildProcess;
  url: string;
  /** Resolves when this life has sealed its first minute. */
  sealed: Promise<void>;
}

async function startFog(): Promise<Life> {
  const started = spawn(process.execPath, [program, dataDir, formatClockSpec(spec)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  const lines = createInterface({ input: started.stdout });
  const sealed = new Promise<void>((resolve) =>
    lines.on("line", (line) => line === "sealed" && resolve()),
  );
  const [url] = await Promise.race([
    once(lines, "line"),
    once(started, "exit").then(() => Promise.reject(new Error("the fog did not start"))),
  ]);
  return { child: started, url, sealed };
}

/** One life: sends, and kills at PUBACK number `killAt`, or as soon as a minute is sealed. */
async function live(
  { child, url, sealed }: Life,
  identity: Identity,
  options: { ca: string; killAt: number | "sealed" },
) {
  const client = await connectAsync(
    url,
    {
      ca: options.ca,
      cert: identity.certPem,
      key: identity.keyPem,
      clientId: "edge-d",
      reconnectPeriod: 0,
    },
    false,
  );
  client.on("error", () => {});
  const publish = (family: "birth" | "blocks", bytes: Uint8Array) =>
    client.publishAsync(
      topicOf({ site: "riverside", edge: "edge-d", family }),
      Buffer.from(bytes),
      {
        qos: 1,
      },
    );
  await publish("birth", edge.birth(startMs));
  while (sentMs < plant.nowMs() || outbox.length < batchesPerLife) acquire();
  let count = 0;
  const gone = once(child, "exit");
  if (options.killAt === "sealed") void sealed.then(() => child.kill("SIGKILL"));
  for (const batch of outbox.slice(0, batchesPerLife)) {
    publish("blocks", batch.bytes).then(
      () => {
        for (const reading of batch.readings) acked.add(reading);
        outbox.splice(outbox.indexOf(batch), 1);
        count += 1;
        if (count === options.killAt) child.kill("SIGKILL");
      },
      () => {},
    );
  }
  await gone;
  client.end(true);
}

test(
  `${kills} kills, at a PUBACK and while minutes are sealed`,
  async () => {
    const nowMs = systemClock().nowMs();
    const authority = await openSiteAuthority({
      folder: join(dataDir, "authority"),
      site: "riverside",
      nowMs,
    });
    const identity = await authority.issueEdge("edge-d", { nowMs });
    const random = seeded(7);
    for (let kill = 0; kill < kills; kill++) {
      const killAt = kill % 2 === 0 ? 1 + random.integer(batchesPerLife) : "sealed";
      await live(await startFog(), identity, { ca: authority.caPem, killAt });
    }
    authority.close();
    expect(acked.size).toBeGreaterThan(kills * 10);

    // What a fog that starts on the same folder finds, once everything is sealed.
    const clock = new SimulatedClock(Math.max(plant.nowMs(), sentMs));
    const fog = await createFog({
      site,
      version: "0.1.0",
      dataDir,
      clock,
      ioClock: clock,
      random,
      logger: silentLogger,
      signingKey: authority.signingKey,
      openDoor: memoryDoor().open,
    });
    expect(fog.core.historian.span(), "minutes were sealed between the kills").toBeDefined();
    await clock.advance(3 * 60_000);
    const { historian, tags, ingest } = fog.core;
    const found: string[] = [];
    const span = present(historian.span());
    for (let at = span.fromMs; at <= span.toMs; at += 60_000) {
      for (const { tag, timesMs } of historian.reader.readings(at).values()) {
        for (const atMs of timesMs) found.push(`${elementAt(tags.rows, tag).tag.id}@${atMs}`);
      }
    }
    const distinct = new Set(found);
    expect(found.length, "doubled").toBe(distinct.size);
    expect(
      [...acked].filter((reading) => !distinct.has(reading)),
      "lost",
    ).toEqual([]);
    expect(ingest.links()[0]?.stored).toBe(found.length);
    await fog.close();
  },
  patienceMs,
);
