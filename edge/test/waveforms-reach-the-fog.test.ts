/** Captures of machines that tripped together, through the outbox and over the line. */
import { elementAt } from "@weir/contracts/elements.ts";
import { expect, test } from "vitest";
import { edgeRig, startMs } from "./edge-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";

/** What the fog's broker takes in one packet, bytes. */
const packetBytesMax = 256 * 1024;

test("six machines at once: every capture arrives as it was, in packets that the broker takes", async () => {
  const fog = new ScriptedFog();
  const sizes: number[] = [];
  const take = fog.take.bind(fog);
  fog.take = (family, bytes) => {
    sizes.push(bytes.length);
    take(family, bytes);
  };
  const rig = edgeRig({ fog });
  rig.control.giveTags();
  const captures = Array.from({ length: 6 }, (_, machine) =>
    // Noise does not shrink on its way.
    Uint8Array.from({ length: 60_000 }, (_, i) => ((i + machine) * 2_654_435_761) >>> 11),
  );
  captures.forEach((samples, machine) => {
    rig.control.give({
      kind: "event",
      event: {
        atMs: startMs,
        body: {
          case: "waveform",
          value: { device: `P0${machine}`, rule: "VIB-HIGH", fromMs: startMs - 10_000, samples },
        },
      },
    });
  });
  await rig.clock.advance(5_000);
  const arrived = fog.events.flatMap(({ event }) =>
    event.body.case === "waveform" ? [event.body.value] : [],
  );
  expect(arrived.map(({ device }) => device)).toEqual(["P00", "P01", "P02", "P03", "P04", "P05"]);
  arrived.forEach(({ samples }, machine) => {
    expect(Buffer.from(samples).equals(Buffer.from(elementAt(captures, machine)))).toBe(true);
  });
  expect(Math.max(...sizes)).toBeLessThan(packetBytesMax);
  await rig.uplink.stop();
});
