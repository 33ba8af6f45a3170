import { u8 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestsTo } from "../../../test/register-model.ts";
import { answerSize, type ModbusRequest } from "./request.ts";
import { checkRtuFrame, crc16, encodeRtuFrame, rtuFrameSizeMax } from "./rtu-frame.ts";

const requests = requestsTo([1, 17, 247]);

/** A right answer to `request`, its data filled from `seed`. */
function answerTo(request: ModbusRequest, seed: number): Uint8Array {
  const size = present(answerSize(request));
  const out = new Uint8Array(rtuFrameSizeMax);
  encodeRtuFrame(request, out);
  const bytes = new Uint8Array(size + 3);
  bytes.set(out.subarray(0, size + 1));
  if (request.fc <= 4 || request.fc === 23) {
    bytes[2] = size - 2;
    for (let i = 3; i < size + 1; i++) bytes[i] = (seed * (i + 1)) & 0xff;
  }
  return sealed(bytes);
}

/** Puts the right checksum at the end. */
function sealed(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 2;
  const crc = crc16(bytes, 0, end);
  bytes[end] = crc;
  bytes[end + 1] = crc >> 8;
  return bytes;
}

const check = (request: ModbusRequest, bytes: Uint8Array, length = bytes.length) =>
  checkRtuFrame(request, bytes, { at: 0, length });

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

describe("the checksum", () => {
  test("is that of known frames", () => {
    // MODBUS over Serial Line V1.02, appendix B: 02 07 gives 41 12.
    expect(crc16(hex("0207"), 0, 2)).toBe(0x1241);
    expect(crc16(Uint8Array.from(Buffer.from("123456789")), 0, 9)).toBe(0x4b37);
  });

  test("of a frame followed by its own checksum is nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 254 }), (bytes) => {
        const frame = sealed(Uint8Array.of(...bytes, 0, 0));
        expect(crc16(frame, 0, frame.length)).toBe(0);
      }),
    );
  });
});

test.each<[ModbusRequest, string]>([
  [{ fc: 3, unit: 1, address: 0, count: 10 }, "01030000000ac5cd"],
  [{ fc: 6, unit: 17, address: 1, value: 3 }, "1106000100039a9b"],
  [{ fc: 5, unit: 17, address: 0xac, value: true }, "110500acff004e8b"],
  [{ fc: 8, unit: 1, data: 0xa537 }, "01080000a537da8d"],
  [{ fc: 17, unit: 1 }, "0111c02c"],
  [{ fc: 43, unit: 1, level: 1, object: 0 }, "012b0e0100"],
])("a request as others send it: %j", (request, expected) => {
  const bytes = new Uint8Array(rtuFrameSizeMax);
  const size = encodeRtuFrame(request, bytes);
  expect(Buffer.from(bytes.subarray(0, size)).toString("hex").slice(0, expected.length)).toBe(
    expected,
  );
});

describe("an answer", () => {
  test("is taken only when whole, wherever it is cut", () => {
    fc.assert(
      fc.property(requests, fc.nat(255), (request, seed) => {
        const answer = answerTo(request, seed);
        for (let length = 0; length < answer.length; length++) {
          expect(check(request, answer, length).at).toBe("partial");
        }
        const whole = { at: "answer", dataAt: 3, size: answer.length };
        expect(check(request, answer)).toEqual(whole);
        // What follows is somebody else's.
        expect(check(request, Uint8Array.of(...answer, 0x55))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test("with one to three bits or one burst changed is never taken", () => {
    fc.assert(
      fc.property(requests, fc.nat(), fc.integer({ min: 1, max: 0xffff }), (request, at, burst) => {
        const answer = answerTo(request, 7);
        const bits = 8 * answer.length - 16;
        const from = at % bits;
        for (let i = 0; i < 16; i++) {
          const at = (from + i) >> 3;
          if (burst & (1 << i)) answer[at] = u8(answer, at) ^ (1 << ((from + i) & 7));
        }
        expect(check(request, answer).at).not.toBe("answer");
        expect(check(request, answer).at).not.toBe("exception");
      }),
      { numRuns: 5_000 },
    );
  });

  test("in another form is never taken, although its checksum is right", () => {
    fc.assert(
      fc.property(requests, fc.nat(), fc.integer({ min: 1, max: 255 }), (request, at, mask) => {
        const answer = answerTo(request, 7);
        const isRead = request.fc <= 4 || request.fc === 23;
        // The values of a read carry no check of their own; everything else must match.
        const checked = isRead ? 3 : answer.length - 2;
        answer[at % checked] = u8(answer, at % checked) ^ mask;
        expect(check(request, sealed(answer)).at).not.toBe("answer");
      }),
      { numRuns: 5_000 },
    );
  });

  test("is found at any place of what was discarded, and nowhere else", () => {
    fc.assert(
      fc.property(requests, fc.uint8Array({ maxLength: 20 }), (request, before) => {
        const answer = answerTo(request, 3);
        const bytes = Uint8Array.of(...before, ...answer);
        const found = checkRtuFrame(request, bytes, { at: before.length, length: answer.length });
        expect(found).toMatchObject({ at: "answer", dataAt: before.length + 3 });
      }),
      { numRuns: 500 },
    );
  });

  test("may be an exception of exactly five bytes", () => {
    const request = { fc: 3, unit: 17, address: 8, count: 1 } as const;
    const bytes = sealed(Uint8Array.of(17, 0x83, 2, 0, 0));
    expect(check(request, bytes)).toEqual({ at: "exception", code: 2, size: 5 });
    expect(check(request, bytes, 4).at).toBe("partial");
    bytes[4] = u8(bytes, 4) ^ 1;
    expect(check(request, bytes).at).toBe("flaw");
  });
});

describe("an answer that tells its own size", () => {
  const request = { fc: 43, unit: 1, level: 1, object: 0 } as const;
  const objects = [0, 2, 0x48, 0x69, 1, 1, 0x58, 2, 0];
  const whole = sealed(Uint8Array.of(1, 43, 14, 1, 1, 0, 0, 3, ...objects, 0, 0));

  test("is taken only when whole", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(check(request, whole, length).at).toBe("partial");
    }
    expect(check(request, whole)).toEqual({ at: "answer", dataAt: 3, size: whole.length });
  });

  test.each<[string, (bytes: Uint8Array) => void]>([
    ["another level", (bytes) => (bytes[3] = 2)],
    ["half a promise of more", (bytes) => (bytes[5] = 1)],
    ["objects out of order", (bytes) => (bytes[12] = 0)],
    ["more that begins before the end", (bytes) => bytes.set([0xff, 1], 5)],
    ["another interface", (bytes) => (bytes[2] = 13)],
  ])("is refused with %s", (_, change) => {
    const bytes = Uint8Array.from(whole);
    change(bytes);
    expect(check(request, sealed(bytes)).at).toBe("flaw");
  });

  test("longer than any frame is refused as soon as it says so", () => {
    const bytes = Uint8Array.of(1, 17, 252);
    expect(check({ fc: 17, unit: 1 }, bytes).at).toBe("flaw");
  });
});
