import { elementAt, numberAt, u8 } from "@weir/contracts/elements.ts";
import { goldenVibrationFrames } from "@weir/testing/golden-vibration-frame.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../../test/virtual-sensor.ts";
import { FrameDecoder, frameBytesMax } from "./frame-decoder.ts";

function decode(chunks: readonly Uint8Array[]) {
  const frames: { seq: number; tUs: number; samples: number[] }[] = [];
  const decoder = new FrameDecoder(({ seq, tUs, count, samples }) => {
    frames.push({ seq, tUs, samples: [...samples.subarray(0, 3 * count)] });
  });
  for (const chunk of chunks) decoder.push(chunk);
  return { frames, decoder };
}

const frameOf = (seq: number, count = 4): Uint8Array =>
  encodeFrame(
    seq,
    seq * 1_000 * count,
    Int16Array.from({ length: 3 * count }, (_, i) => 1_000 * seq + i),
  );

const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

test("golden bytes are read as what they say", () => {
  for (const { hex, ...expected } of goldenVibrationFrames) {
    const { frames, decoder } = decode([Uint8Array.from(Buffer.from(hex, "hex"))]);
    expect(frames).toEqual([expected]);
    expect(decoder.discardedBytes + decoder.damagedFrames).toBe(0);
  }
});

test("frames cut anywhere arrive whole and in order", () => {
  const stream = concat([1, 2, 3, 4].map((seq) => frameOf(seq, seq * 7)));
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const ends = [...new Set([...cuts, stream.length])].sort((a, b) => a - b);
      const chunks = ends.map((end, i) =>
        stream.subarray(i === 0 ? 0 : numberAt(ends, i - 1), end),
      );
      expect(decode(chunks).frames.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    }),
    { numRuns: 300 },
  );
});

describe("damage", () => {
  test("a flipped bit costs its own frame only, and never gives a value", () => {
    const good = [1, 2, 3].map((seq) => frameOf(seq));
    const size = elementAt(good, 0).length;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 * size - 1 }), (bit) => {
        const stream = concat(good);
        const at = size + (bit >> 3);
        stream[at] = u8(stream, at) ^ (1 << (bit & 7));
        // Behind it lies enough of the line for any length that the damage may pretend.
        const after = Array.from({ length: 30 }, (_, i) => frameOf(4 + i, 20));
        const { frames, decoder } = decode([stream, ...after]);
        expect(frames.slice(0, 2).map(({ seq }) => seq)).toEqual([1, 3]);
        expect(frames).toHaveLength(32);
        expect(decoder.discardedBytes).toBe(size);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("lost bytes, junk and sync bytes in between: whatever comes out is a frame that went in", () => {
    const sent = Array.from({ length: 12 }, (_, i) => frameOf(i + 1, 5 + i));
    const junk = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(junk, fc.nat(60), fc.boolean()), { minLength: 12, maxLength: 12 }),
        (damage) => {
          const parts = sent.flatMap((frame, i) => {
            const [noise, at, isCut] = elementAt(damage, i);
            const kept = isCut ? concat([frame.subarray(0, at), frame.subarray(at + 1)]) : frame;
            return [noise, Uint8Array.of(0xa5, 0x5a), kept];
          });
          const { frames, decoder } = decode([...parts, new Uint8Array(frameBytesMax)]);
          const wholes = sent.map((frame) => decode([frame]).frames[0]);
          for (const frame of frames) expect(wholes).toContainEqual(frame);
          const whole = damage.flatMap(([, , isCut], i) => (isCut ? [] : [i + 1]));
          for (const seq of whole) expect(frames.map((f) => f.seq)).toContain(seq);
          expect(decoder.discardedBytes).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  test("a line at the wrong speed fills nothing: all is counted and thrown away", () => {
    const noise = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 2_654_435_761) >>> 13);
    const { frames, decoder } = decode([noise]);
    expect(frames).toEqual([]);
    expect(decoder.discardedBytes).toBeGreaterThan(noise.length - frameBytesMax);
  });

  test("half a frame does not survive an interruption", () => {
    const frame = frameOf(1);
    const { frames, decoder } = decode([frame.subarray(0, 20)]);
    decoder.reset();
    decoder.push(frame.subarray(20));
    decoder.push(frameOf(2));
    expect(frames.map(({ seq }) => seq)).toEqual([2]);
    expect(decoder.discardedBytes).toBe(frame.length);
  });
});
