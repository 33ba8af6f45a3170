import { u8 } from "@weir/contracts/elements.ts";
import { describe, expect, test } from "vitest";
import type { MachineVibration } from "../process/rotating-machine.ts";
import { countMmS, VibrationMachine } from "./vibration-machine.ts";

const healthy: MachineVibration = {
  isRunning: true,
  level: 1,
  bearing: 0,
  unbalance: 0,
  misalignment: 0,
  looseness: 0,
  cavitation: 0,
};

function axis(frames: readonly Uint8Array[], which: number): number[] {
  return frames.flatMap((frame) => {
    const view = new DataView(frame.buffer, frame.byteOffset);
    return Array.from(
      { length: u8(frame, 8) },
      (_, i) => view.getInt16(9 + 6 * i + 2 * which, true) * countMmS,
    );
  });
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

function seconds(state: MachineVibration, count: number): Uint8Array[] {
  const machine = new VibrationMachine({ seed: 1, id: "D14", state: () => state });
  return Array.from({ length: count * 10 }, (_, i) => machine.block(i * 100, 100));
}

describe("levels across the shaft", () => {
  test.each([
    [0, 0.99],
    [0.1, 0.99],
    [1, 1.29],
    [4, 3.47],
    [6, 5.09],
  ])("a bearing at %s shows %s mm/s", (bearing, expected) => {
    const level = rms(axis(seconds({ ...healthy, bearing }, 5), 0));
    expect(Math.abs(level - expected)).toBeLessThan(0.02 * expected + 0.01);
  });

  test("a machine that stands still shows only the floor", () => {
    expect(rms(axis(seconds({ ...healthy, isRunning: false }, 1), 0))).toBeLessThan(0.06);
  });

  test("misalignment is felt most along the shaft", () => {
    const frames = seconds({ ...healthy, misalignment: 3 }, 4);
    expect(rms(axis(frames, 2))).toBeGreaterThan(rms(axis(frames, 0)));
  });

  test("what no count can hold is clipped", () => {
    expect(Math.max(...axis(seconds({ ...healthy, bearing: 1e4 }, 1), 0))).toBe(327.67);
  });
});

test("a seed and a state give the same bytes, and another axis of chance for each name", () => {
  expect(seconds(healthy, 1)).toEqual(seconds(healthy, 1));
  const other = new VibrationMachine({ seed: 1, id: "W20", state: () => healthy });
  expect(other.block(0, 100)).not.toEqual(seconds(healthy, 1)[0]);
});

test("frames come on their own grid, whenever the timer fires; a pause is skipped", () => {
  const machine = new VibrationMachine({ seed: 1, id: "D14", state: () => healthy });
  const timesMs = (frames: Uint8Array[]) =>
    frames.map((frame) => new DataView(frame.buffer).getUint32(4, true) / 1_000);
  expect(machine.frames(1_000)).toEqual([]);
  expect(timesMs(machine.frames(1_130))).toEqual([1_000]);
  expect(timesMs(machine.frames(1_410))).toEqual([1_100, 1_200, 1_300]);
  expect(machine.frames(60_000)).toEqual([]);
  expect(timesMs(machine.frames(60_100))).toEqual([60_000]);
});
