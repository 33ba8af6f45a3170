/**
 * After an outage the line carries both: what is new arrives as if nothing had been, and the backlog takes
 * the rest of the line. The line here has a rate and a delay, and keeps the order of what it is given, as
 * a TCP connection over a modem does.
 */
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import type { MqttLink } from "../src/uplink/mqtt-link.ts";
import { edgeRig, startMs } from "./edge-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";

/** Topic, headers of MQTT, TLS and TCP of one message: see bench telemetry. */
const headerBytes = 110;
const readingsPerSecond = 40;

interface Pace {
  bytesPerSecond: number;
  roundTripMs: number;
}

function pacedLine(fog: ScriptedFog, clock: SimulatedClock, { bytesPerSecond, roundTripMs }: Pace) {
  const inner = fog.line();
  const carried = { bytes: 0 };
  const liveLatenciesMs: number[] = [];
  let freeAtMs = 0;
  const line: MqttLink & { cut(): void } = {
    ...inner,
    publish: async (message, options) => {
      const size = message.bytes.length + headerBytes;
      freeAtMs = Math.max(freeAtMs, clock.monotonicMs()) + (1_000 * size) / bytesPerSecond;
      carried.bytes += size;
      await clock.sleep(freeAtMs - clock.monotonicMs() + roundTripMs / 2);
      const before = fog.batches.length;
      const delivered = inner.publish(message, options);
      const batch = fog.batches[before];
      if (batch && !batch.backlog) liveLatenciesMs.push(clock.nowMs() - batch.firstMs);
      await delivered;
      await clock.sleep(roundTripMs / 2);
    },
  };
  return { line, carried, liveLatenciesMs };
}

test.each([
  {
    name: "a modem",
    bytesPerSecond: 4_000,
    roundTripMs: 300,
    outage: 3_600,
    settle: 60,
    seconds: 40,
  },
  {
    name: "a mobile line",
    bytesPerSecond: 40_000,
    roundTripMs: 80,
    outage: 10_000,
    settle: 10,
    seconds: 20,
  },
  {
    name: "a network",
    bytesPerSecond: 500_000,
    roundTripMs: 2,
    outage: 20_000,
    settle: 2,
    seconds: 3,
  },
])("over $name at $bytesPerSecond B/s", async (pace) => {
  const { bytesPerSecond, outage, settle, seconds } = pace;
  const clock = new SimulatedClock(startMs);
  const fog = new ScriptedFog();
  const paced = pacedLine(fog, clock, pace);
  const rig = edgeRig({ clock, fog, line: paced.line });
  rig.control.giveTags(readingsPerSecond);
  const run = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      rig.control.giveReadings(clock.nowMs(), readingsPerSecond);
      await clock.advance(1_000);
    }
  };
  await run(5);
  fog.isUp = false;
  paced.line.cut();
  await run(outage);
  fog.isUp = true;
  while (rig.uplink.snapshot().link.state !== "live") await run(1);
  await run(settle);

  const carried = paced.carried.bytes;
  const delivered = fog.batches.length;
  paced.liveLatenciesMs.length = 0;
  await run(seconds);
  expect(rig.uplink.snapshot().ledger.pending).toBeGreaterThan(10 * readingsPerSecond);
  const share = (paced.carried.bytes - carried) / (seconds * bytesPerSecond);
  expect(share).toBeGreaterThan(0.8);
  expect(fog.batches.slice(delivered).filter(({ backlog }) => backlog).length).toBeGreaterThan(0);
  // A second of readings makes a batch.
  expect(Math.max(...paced.liveLatenciesMs)).toBeLessThan(1_000 + 2_000);

  const { ledger } = rig.uplink.snapshot();
  expect(ledger.acquired).toBe(ledger.delivered + ledger.pending);
  // What is on its way back to the edge has arrived already.
  expect(fog.stored).toBeGreaterThanOrEqual(ledger.delivered);
});
