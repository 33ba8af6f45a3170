import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tables } from "./configuration.ts";
import { formatPlace, parsePlace, parseWirePlace } from "./place.ts";

test("every register has two names, and both are read back as it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...tables),
      fc.integer({ min: 0, max: 0xffff }),
      (table, address) => {
        const match = present(/^(\S+) \((\d+)\)$/.exec(formatPlace({ table, address })));
        const expected = { ok: true, place: { table, address } };
        expect(parsePlace(present(match[1]))).toEqual(expected);
        expect(parsePlace(`${table} ${match[2]}`)).toEqual(expected);
        expect(parseWirePlace(`${table} plc/17:${address}`)).toEqual({
          ...expected,
          connection: "plc",
          unit: 17,
        });
        expect(parseWirePlace(`${table} plc/17 ${match[2]}`)).toMatchObject(expected);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each([
  ["holding 40012", { table: "holding", address: 11 }],
  ["holding:11", { table: "holding", address: 11 }],
  ["holding 400012", { table: "holding", address: 11 }],
  ["input 30001", { table: "input", address: 0 }],
  ["discrete 10001", { table: "discrete", address: 0 }],
  ["coil 00001", { table: "coil", address: 0 }],
  [" holding : 7 ", { table: "holding", address: 7 }],
])("%s", (text, place) => {
  expect(parsePlace(text)).toEqual({ ok: true, place });
});
