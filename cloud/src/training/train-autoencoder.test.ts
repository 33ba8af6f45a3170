import { f64, numberAt } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import { expect, test } from "vitest";
import { scoreWindows } from "./autoencoder.ts";
import { jsBackend } from "./js/js-backend.ts";
import { type TrainingData, trainAutoencoder } from "./train-autoencoder.ts";

const window = 24;

/** Three channels with a daily wave; the third follows the first. */
function waves(hourCount: number, seed: number): TrainingData {
  const random = seeded(seed);
  const hours = new Float32Array(hourCount * 3);
  for (let h = 0; h < hourCount; h++) {
    const wave = Math.sin((2 * Math.PI * h) / 24);
    hours[3 * h] = 200 + 40 * wave + 3 * random.gaussian();
    hours[3 * h + 1] = 2 + 0.05 * random.gaussian();
    hours[3 * h + 2] = 7 - 0.2 * wave + 0.01 * random.gaussian();
  }
  const starts = Array.from({ length: hourCount - window + 1 }, (_, i) => i);
  const border = Math.floor(hourCount * 0.8);
  return {
    channels: ["flow", "oxygen", "ph"],
    hours,
    hourCount,
    zone: "UTC",
    trainStarts: starts.filter((start) => start + window <= border),
    heldOutStarts: starts.filter((start) => start >= border),
  };
}

const options = {
  stage: "W13",
  backend: jsBackend,
  clock: systemClock(),
  seed: 5,
  window,
  hidden: 12,
  bottleneck: 6,
  epochCount: 25,
};

test("learns the waves, judges an ordinary day as such and names the channel that leaves them", async () => {
  const data = waves(21 * 24, 1);
  const epochs: number[] = [];
  const trained = await trainAutoencoder(data, {
    ...options,
    onProgress: ({ epoch }) => epochs.push(epoch),
  });
  expect(epochs.length).toBe(trained.lossHistory.length);
  expect(trained.validationLoss).toBeLessThan(0.55 * numberAt(trained.lossHistory, 0));

  const later = waves(10 * 24, 2).hours;
  const ordinary = scoreWindows(trained.model, later.slice(0, window * 3), 1);
  expect(f64(ordinary.mse, 0) / trained.model.metadata.threshold).toBeLessThan(1.2);

  const worn = later.slice(0, window * 3).map((value, i) => (i % 3 === 2 ? value + 0.5 : value));
  const scored = scoreWindows(trained.model, worn, 1);
  expect(f64(scored.mse, 0) / trained.model.metadata.threshold).toBeGreaterThan(2);
  const ratios = [...scored.channelMse].map(
    (mse, c) => mse / numberAt(trained.model.metadata.channelSigma, c) ** 2,
  );
  expect(ratios.indexOf(Math.max(...ratios))).toBe(2);
});

test("the same seed gives the same model, another seed another", async () => {
  const data = waves(6 * 24, 1);
  const short = { ...options, epochCount: 2 };
  const one = await trainAutoencoder(data, short);
  const two = await trainAutoencoder(data, short);
  const other = await trainAutoencoder(data, { ...short, seed: 6 });
  expect(two.model).toEqual(one.model);
  expect(other.model.params).not.toEqual(one.model.params);
});
