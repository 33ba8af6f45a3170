import { expect, test } from "vitest";
import { type FaultCatalogue, faultClass, isFault } from "./fault.ts";

const faults = {
  TEST_BUS_TIMEOUT: { retry: true, text: (f: { unit: number }) => `unit ${f.unit} gave no answer` },
  TEST_NOTHING: { retry: false, text: () => "there is nothing" },
} satisfies FaultCatalogue;
const TestFault = faultClass(faults);
const OtherFault = faultClass({ OTHER: { retry: false, text: () => "other" } });

test("a fault says its sentence, its code and whether a retry can help", () => {
  const cause = new Error("socket");
  const fault = new TestFault("TEST_BUS_TIMEOUT", { unit: 3 }, { cause });
  expect(fault).toMatchObject({
    name: "Fault",
    code: "TEST_BUS_TIMEOUT",
    retry: true,
    message: "unit 3 gave no answer",
    facts: { unit: 3 },
    cause,
  });
  expect(isFault(fault)).toBe(true);
  expect(TestFault.is(fault, "TEST_BUS_TIMEOUT")).toBe(true);
  expect(TestFault.is(fault, "TEST_NOTHING")).toBe(false);
  expect(OtherFault.is(fault, "OTHER")).toBe(false);
  expect(isFault(cause)).toBe(false);
});

test("a sentence without values takes none", () => {
  expect(new TestFault("TEST_NOTHING")).toMatchObject({
    message: "there is nothing",
    retry: false,
    facts: {},
  });
});

test("a wrong code, a missing, wrong or superfluous value does not compile", () => {
  const wrong = [
    // @ts-expect-error no such code
    () => new TestFault("TEST_BUS_TIMOUT", { unit: 3 }),
    // @ts-expect-error a value is missing
    () => new TestFault("TEST_BUS_TIMEOUT", {}),
    // @ts-expect-error all values are missing
    () => new TestFault("TEST_BUS_TIMEOUT"),
    // @ts-expect-error the value is of another type
    () => new TestFault("TEST_BUS_TIMEOUT", { unit: "3" }),
    // @ts-expect-error the sentence has no such value
    () => new TestFault("TEST_BUS_TIMEOUT", { unit: 3, why: "" }),
    // @ts-expect-error this sentence takes no values
    () => new TestFault("TEST_NOTHING", { unit: 3 }),
    // @ts-expect-error a code of another catalogue
    () => TestFault.is(new Error(), "OTHER"),
  ];
  expect(wrong).toHaveLength(7);
});
