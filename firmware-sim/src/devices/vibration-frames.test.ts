import { goldenVibrationFrames } from "@weir/testing/golden-vibration-frame.ts";
import { expect, test } from "vitest";
import { encodeVibrationFrame } from "./vibration-frames.ts";

test("frames are the golden bytes", () => {
  for (const { hex, seq, tUs, samples } of goldenVibrationFrames) {
    const bytes = encodeVibrationFrame({ seq, tUs, samples: Int16Array.from(samples) });
    expect(Buffer.from(bytes).toString("hex")).toBe(hex);
  }
});

test("100 samples take 611 bytes: 10 frames a second fit a line of 115 200 baud twice", () => {
  const frame = encodeVibrationFrame({ seq: 0, tUs: 0, samples: new Int16Array(300) });
  expect(frame.length).toBe(611);
  expect((frame.length * 10 * 10) / 115_200).toBeLessThan(0.6);
});
