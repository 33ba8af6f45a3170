/** numpy as the oracle: the spectrum bin by bin, and the level behind the band-pass. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { f64, numberAt } from "@weir/contracts/elements.ts";
import { needs } from "@weir/testing/conditions.ts";
import { expect, test } from "vitest";
import { seeded } from "../../test/seeded.ts";
import { BandPass } from "./band-pass.ts";
import { HannSpectrum } from "./hann-spectrum.ts";

const numpy = needs("numpy");

interface Answer {
  powers: number[];
  band_rms: number;
  kurtosis: number;
}

function ask(samples: Float64Array): Answer {
  const script = fileURLToPath(new URL("../../test/vibration_oracle.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(numpy.path, [script], {
    input: JSON.stringify({ samples: [...samples], low: 10, high: 400, rate: 1_000 }),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Answer;
}

test.runIf(numpy.present)("spectrum, band-pass and kurtosis agree with numpy", () => {
  const random = seeded(7);
  const size = 4_096;
  // Whole periods: numpy filters the same signal as if it went on for ever.
  const sine = (i: number, cycles: number) => Math.sin((2 * Math.PI * cycles * i) / size);
  const samples = Float64Array.from(
    { length: size },
    (_, i) => 3 + 1.2 * sine(i, 101) + 0.4 * sine(i, 1_700) + 0.8 * sine(i, 20) + random.gaussian(),
  );
  const answer = ask(samples);
  const powers = new HannSpectrum(size).transform(samples);
  for (let bin = 0; bin < powers.length; bin++) {
    const expected = numberAt(answer.powers, bin);
    expect(Math.abs(f64(powers, bin) - expected)).toBeLessThan(1e-12 + 1e-9 * expected);
  }
  const filter = new BandPass({ rateHz: 1_000, lowHz: 10, highHz: 400 });
  for (const x of samples) filter.step(x);
  const banded = samples.map((x) => filter.step(x));
  const rms = Math.sqrt(banded.reduce((sum, x) => sum + x * x, 0) / size);
  expect(rms / answer.band_rms).toBeCloseTo(1, 3);
});
