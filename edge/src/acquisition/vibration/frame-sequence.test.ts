import { expect, test } from "vitest";
import { FrameSequence } from "./frame-sequence.ts";

const frame = (seq: number, tMs: number) => ({ seq, tUs: (tMs * 1_000) % 2 ** 32, count: 100 });

test("numbers and time in order follow, around both ends of the counters", () => {
  const sequence = new FrameSequence();
  const wrapMs = 4_294_967.296 - 100;
  expect(sequence.judge(frame(65_534, wrapMs))).toBe("first");
  expect(sequence.judge(frame(65_535, wrapMs + 100))).toBe("follows");
  expect(sequence.judge(frame(0, wrapMs + 200))).toBe("follows");
  expect([sequence.gaps, sequence.lostFrames]).toEqual([0, 0]);
});

test("missing frames are counted by their numbers", () => {
  const sequence = new FrameSequence();
  sequence.judge(frame(10, 0));
  expect(sequence.judge(frame(14, 400))).toBe("gap");
  expect([sequence.gaps, sequence.lostFrames]).toEqual([1, 3]);
  expect(sequence.judge(frame(15, 500))).toBe("follows");
});

test("the right number at the wrong time: the sensor itself lost samples", () => {
  const sequence = new FrameSequence();
  sequence.judge(frame(1, 0));
  expect(sequence.judge(frame(2, 130))).toBe("gap");
  expect([sequence.gaps, sequence.lostFrames]).toEqual([1, 0]);
});

test("a clock that is a little off is no gap", () => {
  const sequence = new FrameSequence();
  sequence.judge(frame(1, 0));
  expect(sequence.judge(frame(2, 101.2))).toBe("follows");
  expect(sequence.judge(frame(3, 200))).toBe("follows");
});

test("a sensor that starts anew, or repeats itself, is a gap without a count", () => {
  const sequence = new FrameSequence();
  sequence.judge(frame(40_000, 1_000));
  expect(sequence.judge(frame(0, 0))).toBe("gap");
  expect(sequence.judge(frame(0, 0))).toBe("gap");
  expect([sequence.gaps, sequence.lostFrames]).toEqual([2, 0]);
  sequence.reset();
  expect(sequence.judge(frame(7, 9_000))).toBe("first");
});
