/** Every serial protocol, from an instrument's register or sentence to the fog's trend, in real processes. */
import { join } from "node:path";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { RealLoop } from "../src/processes/real-loop.ts";

const socat = needs("socat");
/** A processes' whole life on a busy machine. */
const hangMs = 300_000;

const tags: Record<string, readonly [low: number, high: number]> = {
  "edge-d/D02-LDO/DO01": [5, 14],
  "edge-d/D11-PH/RX01": [300, 1_000],
  "edge-d/D06-LTH/CD01": [100, 1_000],
  "edge-d/D12-AI/AI03": [0.5, 12],
  "edge-d/D11-WQ-CL/CL01": [0.5, 2],
  "edge-d/D12-LOG/PH01": [6, 9],
  "edge-d/D13-KV/FL01": [20, 500],
  "edge-d/D01-SDI/CD01": [100, 1_000],
  "edge-d/D14-VIB/rms": [0.3, 3],
};

test.runIf(socat.present)(
  "what instruments say on serial lines is in the fog's history",
  async () => {
    const folder = tempDir();
    const pty = (line: string) => `${line}=pty:${join(folder, line)}`;
    const serial = [pty("rtu"), pty("wq"), "csv=tcp:0", pty("pairs"), pty("sdi12"), "vib=tcp:0"];
    const loop = new RealLoop({
      plant: waterWorks,
      folder,
      seed: 7,
      rate: 30,
      serial: serial.join(","),
    });
    await loop.start();
    for (const [tag, [low, high]] of Object.entries(tags)) {
      const means = await loop.reach(`${tag} at the fog`, () => loop.trend(tag), {
        fits: (seen) => seen.some((mean) => mean !== null),
        withinMs: 90_000,
      });
      for (const mean of means) {
        if (mean === null) continue;
        expect(mean, tag).toBeGreaterThan(low);
        expect(mean, tag).toBeLessThan(high);
      }
    }
    const codes = await loop.stop();
    expect(new Set(codes.values())).toEqual(new Set([0]));
  },
  hangMs,
);
