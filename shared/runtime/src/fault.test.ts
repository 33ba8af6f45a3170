import { expect, test } from "vitest";
import { declareFaults, Fault, isFault } from "./fault.ts";

declareFaults({
  TEST_BUS_TIMEOUT: { retry: true, text: (f: { unit: number }) => `unit ${f.unit} gave no answer` },
});

test("a fault says its sentence, its code and whether a retry can help", () => {
  const cause = new Error("socket");
  const fault = new Fault("TEST_BUS_TIMEOUT", { unit: 3 }, { cause });
  expect(fault).toMatchObject({
    name: "Fault",
    code: "TEST_BUS_TIMEOUT",
    retry: true,
    message: "unit 3 gave no answer",
    facts: { unit: 3 },
    cause,
  });
  expect(isFault(fault)).toBe(true);
  expect(isFault(fault, "TEST_BUS_TIMEOUT")).toBe(true);
  expect(isFault(fault, "OTHER")).toBe(false);
  expect(isFault(cause)).toBe(false);
});

test("an undeclared code still tells its facts, and is not retried", () => {
  expect(new Fault("TEST_UNKNOWN", { a: 1 })).toMatchObject({
    message: 'TEST_UNKNOWN {"a":1}',
    retry: false,
  });
});
