import fc from "fast-check";
import { expect, test } from "vitest";
import {
  crcOf,
  openAnswer,
  parseAnnouncement,
  parseIdentity,
  parseValues,
} from "./sdi12-answer.ts";

test("the CRC is that of the standard's example (SDI-12 v1.4, 4.4.12.3)", () => {
  expect(crcOf("0+3.14")).toBe("OqZ");
  expect(openAnswer("0+3.14OqZ", { address: "0", hasCrc: true })).toEqual({
    ok: true,
    from: "0",
    body: "+3.14",
  });
  expect(openAnswer("0+3.15OqZ", { address: "0", hasCrc: true })).toMatchObject({ ok: false });
});

test.each([
  ["+2591+706+25.53+0", [2591, 706, 25.53, 0]],
  ["+1.23-4.5", [1.23, -4.5]],
  ["-0.0000001+.5+7.", undefined],
  ["-0.000001+.5+7.", [-0.000001, 0.5, 7]],
  ["", []],
  ["1.23", undefined],
  ["+1.2.3", undefined],
  ["+12345678", undefined],
  ["+1 +2", undefined],
  ["+1e5", undefined],
  ["+", undefined],
])("values of %j", (body, values) => {
  expect(parseValues(body)).toEqual(values);
});

test("announcements and identities", () => {
  expect(parseAnnouncement("0084")).toEqual({ waitMs: 8_000, count: 4 });
  expect(parseAnnouncement("12015")).toEqual({ waitMs: 120_000, count: 15 });
  expect(parseAnnouncement("008")).toBeUndefined();
  expect(parseIdentity("14SOMMER  RIVERX100000042")).toEqual({
    version: "1.4",
    vendor: "SOMMER",
    model: "RIVERX",
    revision: "100",
    serial: "000042",
  });
});

test("whatever a sensor sends, it is read or refused", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 90, unit: "binary-ascii" }), (line) => {
      const answer = openAnswer(line, { address: "?", hasCrc: false });
      if (answer.ok) parseValues(answer.body);
    }),
  );
});
