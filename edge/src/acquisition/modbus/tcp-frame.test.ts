import { u8 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerSize, encodePdu, type ModbusRequest } from "./request.ts";
import { checkFrame, encodeFrame, frameSizeMax, headerSize } from "./tcp-frame.ts";

const word = fc.integer({ min: 0, max: 0xffff });
const unit = fc.integer({ min: 0, max: 255 });
const address = fc.integer({ min: 0, max: 0xffff - 2_000 });

const requests: fc.Arbitrary<ModbusRequest> = fc.oneof(
  fc.record({
    fc: fc.constantFrom(1 as const, 2 as const),
    unit,
    address,
    count: fc.integer({ min: 1, max: 2_000 }),
  }),
  fc.record({
    fc: fc.constantFrom(3 as const, 4 as const),
    unit,
    address,
    count: fc.integer({ min: 1, max: 125 }),
  }),
  fc.record({ fc: fc.constant(5 as const), unit, address, value: fc.boolean() }),
  fc.record({ fc: fc.constant(6 as const), unit, address, value: word }),
  fc.record({
    fc: fc.constant(15 as const),
    unit,
    address,
    values: fc.array(fc.boolean(), { minLength: 1, maxLength: 1_968 }),
  }),
  fc.record({
    fc: fc.constant(16 as const),
    unit,
    address,
    values: fc.array(word, { minLength: 1, maxLength: 123 }),
  }),
  fc.record({ fc: fc.constant(22 as const), unit, address, and: word, or: word }),
  fc.record({
    fc: fc.constant(23 as const),
    unit,
    address,
    count: fc.integer({ min: 1, max: 125 }),
    writeAddress: address,
    values: fc.array(word, { minLength: 1, maxLength: 121 }),
  }),
);

/** A right answer to `request`, its data filled from `seed`. */
function answerTo(request: ModbusRequest, id: number, seed: number): Uint8Array {
  const size = present(answerSize(request));
  const bytes = new Uint8Array(headerSize + size);
  const out = new Uint8Array(frameSizeMax);
  encodeFrame(request, id, out);
  bytes.set(out.subarray(0, Math.min(out.length, bytes.length)));
  bytes[4] = (size + 1) >> 8;
  bytes[5] = size + 1;
  if (request.fc <= 4 || request.fc === 23) {
    bytes[headerSize + 1] = size - 2;
    for (let i = 2; i < size; i++) bytes[headerSize + i] = (seed * (i + 1)) & 0xff;
  }
  return bytes;
}

describe("an answer", () => {
  test("is taken only when whole, wherever it is cut", () => {
    fc.assert(
      fc.property(requests, word, word, (request, id, seed) => {
        const answer = answerTo(request, id, seed);
        for (let length = 0; length < answer.length; length++) {
          expect(checkFrame(answer, length, { id, request }).at).toBe("partial");
        }
        expect(checkFrame(answer, answer.length, { id, request })).toEqual({
          at: "answer",
          dataAt: headerSize + 2,
          size: answer.length,
        });
      }),
      { numRuns: 200 },
    );
  });

  test("with any header, function, byte count or echo field changed is never taken", () => {
    fc.assert(
      fc.property(
        requests,
        word,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (request, id, at, mask) => {
          const answer = answerTo(request, id, 7);
          // The values of a read carry no check of their own; everything else must match.
          const isRead = request.fc <= 4 || request.fc === 23;
          const checked = isRead ? headerSize + 2 : answer.length;
          answer[at % checked] = u8(answer, at % checked) ^ mask;
          const check = checkFrame(answer, answer.length, { id, request });
          expect(check.at).not.toBe("answer");
          if (check.at === "exception") expect(check.size).toBeLessThanOrEqual(answer.length);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("to another request is never taken", () => {
    fc.assert(
      fc.property(requests, requests, word, (request, other, id) => {
        const isSameShape =
          request.fc === other.fc &&
          request.unit === other.unit &&
          answerSize(request) === answerSize(other) &&
          (request.fc <= 4 || request.fc === 23);
        fc.pre(!isSameShape && JSON.stringify(request) !== JSON.stringify(other));
        const answer = answerTo(other, id, 3);
        const check = checkFrame(answer, answer.length, { id, request });
        const isSameEcho =
          check.at === "answer" &&
          Buffer.from(answer).equals(Buffer.from(answerTo(request, id, 3)));
        expect(check.at !== "answer" || isSameEcho).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("may be an exception of exactly nine bytes", () => {
    const request = { fc: 3, unit: 17, address: 8, count: 1 } as const;
    const bytes = Uint8Array.of(0, 9, 0, 0, 0, 3, 17, 0x83, 2);
    expect(checkFrame(bytes, 9, { id: 9, request })).toEqual({ at: "exception", code: 2, size: 9 });
    bytes[5] = 4;
    expect(checkFrame(Uint8Array.of(...bytes, 0), 10, { id: 9, request }).at).toBe("flaw");
  });

  test("of arbitrary bytes never throws and never exceeds its buffer", () => {
    fc.assert(
      fc.property(
        requests,
        word,
        fc.uint8Array({ maxLength: frameSizeMax }),
        (request, id, bytes) => {
          const check = checkFrame(bytes, bytes.length, { id, request });
          if (check.at === "answer" || check.at === "exception") {
            expect(check.size).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

/** MODBUS Application Protocol V1.1b3, examples of section 6. */
const golden: [ModbusRequest, string][] = [
  [{ fc: 1, unit: 1, address: 0x13, count: 0x13 }, "0100130013"],
  [{ fc: 2, unit: 1, address: 0xc4, count: 0x16 }, "0200c40016"],
  [{ fc: 3, unit: 1, address: 0x6b, count: 3 }, "03006b0003"],
  [{ fc: 4, unit: 1, address: 8, count: 1 }, "0400080001"],
  [{ fc: 5, unit: 1, address: 0xac, value: true }, "0500acff00"],
  [{ fc: 6, unit: 1, address: 1, value: 3 }, "0600010003"],
  [
    {
      fc: 15,
      unit: 1,
      address: 0x13,
      values: [1, 0, 1, 1, 0, 0, 1, 1, 1, 0].map((bit) => bit === 1),
    },
    "0f0013000a02cd01",
  ],
  [{ fc: 16, unit: 1, address: 1, values: [0x0a, 0x102] }, "100001000204000a0102"],
  [{ fc: 22, unit: 1, address: 4, and: 0xf2, or: 0x25 }, "16000400f20025"],
  [
    { fc: 23, unit: 1, address: 3, count: 6, writeAddress: 0x0e, values: [0xff, 0xff, 0xff] },
    "1700030006000e00030600ff00ff00ff",
  ],
];

test.each(golden)("the specification's own request %j", (request, hex) => {
  const bytes = new Uint8Array(frameSizeMax);
  const size = encodePdu(request, bytes, 0);
  expect(Buffer.from(bytes.subarray(0, size)).toString("hex")).toBe(hex);
});
