/** Whatever dies, whenever: a reading of a summarised tag is at the fog once, or was never counted. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { f64 } from "@weir/contracts/elements.ts";
import { FilterPolicy } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { balanced } from "@weir/contracts/ledger.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EdgeRig, edgeRig, startMs } from "./edge-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-panes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const policies = [FilterPolicy.ALL, FilterPolicy.SUMMARY, FilterPolicy.SUMMARY];

const tags = policies.map((policy, index) => ({
  index,
  id: `D11/CL0${index}`,
  device: "D11",
  name: `CL0${index}`,
  resolution: 0.01,
  periodMs: 1_000,
  policy,
}));

/** Which second of its pane a reading is from can be told from any sum of such values. */
const valueAt = (atMs: number): number => 2 ** ((atMs % paneLengthMs) / 1_000) / 100;

type Step =
  | { do: "run"; seconds: number; badTag: number }
  | { do: "alert"; active: boolean }
  | { do: "table" | "kill" | "stop" | "cut" | "fog dies" | "fog lives" | "acks lost" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      seconds: fc.integer({ min: 1, max: 17 }),
      badTag: fc.integer({ min: -20, max: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("alert" as const), active: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(["table", "kill", "stop", "cut", "fog dies", "fog lives", "acks lost"] as const),
      ),
    }),
  },
);

function give(rig: EdgeRig, atMs: number, badTag: number): void {
  rig.control.give({
    kind: "readings",
    batch: {
      tags: Uint16Array.from(tags.keys()),
      timesMs: new Float64Array(tags.length).fill(atMs),
      values: new Float64Array(tags.length).fill(valueAt(atMs)),
      qualities: Uint8Array.from(tags.keys(), (tag) => (tag === badTag ? 2 : 0)),
    },
  });
}

/** Of each tag's pane of 5 seconds, the seconds that are at the fog; fails when one is there twice. */
function secondsAtFog(fog: ScriptedFog): Map<string, number> {
  const at = new Map<string, number>();
  const add = (tag: number, startMs: number, seconds: number) => {
    const key = `${tag}@${startMs}`;
    expect((at.get(key) ?? 0) & seconds, `${key} twice`).toBe(0);
    at.set(key, (at.get(key) ?? 0) | seconds);
  };
  for (const { tag, timesMs, values } of fog.columns) {
    for (const [i, atMs] of timesMs.entries()) {
      const startMs = Math.floor(atMs / paneLengthMs) * paneLengthMs;
      add(tag, startMs, Math.round(100 * f64(values, i)));
    }
  }
  for (const { tag, startMs, figures } of fog.panes) {
    add(tag, startMs, Math.round(100 * figures.mean * figures.count));
  }
  return at;
}

const bitCount = (bits: number): number => bits.toString(2).replaceAll("0", "").length;

/** Stood still for ever before a stop left a fog that answers nothing. */
const stopAfterLostAcks: Step[] = [
  { do: "run", seconds: 2, badTag: -1 },
  { do: "run", seconds: 4, badTag: -1 },
  { do: "acks lost" },
  { do: "stop" },
  ...[2, 4, 3, 12, 1].map((seconds): Step => ({ do: "run", seconds, badTag: -1 })),
];

test(
  "through kills, cuts and changes of the tag table",
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const file = join(folder, `${run++}.db`);
        const fog = new ScriptedFog();
        const clock = new SimulatedClock(startMs);
        const boot = () => {
          const rig = edgeRig({ file, fog, clock });
          rig.control.give({ kind: "tags", tags, configSha256: "aa" });
          return rig;
        };
        let rig = boot();
        let given = 0;
        let kills = 0;
        for (const each of steps) {
          switch (each.do) {
            case "run":
              for (let i = 0; i < each.seconds; i++, given += tags.length) {
                give(rig, clock.nowMs(), each.badTag);
                await clock.advance(1_000);
              }
              break;
            case "alert": {
              const value = { tag: "D11/CL01", active: each.active };
              const event = { atMs: clock.nowMs(), body: { case: "alert" as const, value } };
              rig.control.give({ kind: "event", event });
              break;
            }
            case "table":
              rig.control.give({ kind: "tags", tags, configSha256: "bb" });
              break;
            case "kill":
              rig.uplink.abandon();
              rig.line.cut();
              rig.db.close();
              kills += 1;
              rig = boot();
              break;
            case "stop": {
              const stopping = rig.uplink.stop();
              await clock.advance(3_000);
              await stopping;
              rig.db.close();
              rig = boot();
              break;
            }
            case "cut":
              rig.line.cut();
              break;
            case "fog dies":
              fog.isUp = false;
              rig.line.cut();
              break;
            case "fog lives":
              fog.isUp = true;
              fog.losesAcks = false;
              break;
            case "acks lost":
              fog.losesAcks = true;
              break;
          }
          expect(balanced(rig.uplink.snapshot().ledger)).toBe(true);
        }
        fog.isUp = true;
        fog.losesAcks = false;
        rig.line.cut();
        await clock.advance(120_000);
        const { ledger } = rig.uplink.snapshot();
        expect(balanced(ledger)).toBe(true);
        expect(ledger).toMatchObject({ pending: 0, dropped: 0 });
        const seconds = [...secondsAtFog(fog).values()].reduce(
          (sum, bits) => sum + bitCount(bits),
          0,
        );
        const summarised = fog.panes.reduce((sum, { figures }) => sum + figures.count, 0);
        expect(ledger.delivered).toBe(fog.stored);
        expect(ledger.thinned).toBe(summarised);
        expect(seconds).toBe(ledger.acquired);
        if (kills === 0) expect(ledger.acquired).toBe(given);
        rig.uplink.abandon();
        rig.db.close();
      }),
      { numRuns: sized(40, 4_000), examples: [[stopAfterLostAcks]] },
    );
  },
  sized(120_000, 4 * 3_600_000),
);
