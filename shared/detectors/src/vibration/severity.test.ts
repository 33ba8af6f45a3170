import { expect, test } from "vitest";
import { type MachineCategory, severityLimits, zoneName, zoneNumber } from "./severity.ts";

const general: MachineCategory = "general";

test.each([
  [{ kW: 5, mounting: "rigid", category: general }, [0.71, 1.8, 4.5]],
  [{ kW: 30, mounting: "rigid", category: general }, [1.4, 2.8, 4.5]],
  [{ kW: 30, mounting: "flexible", category: general }, [2.3, 4.5, 7.1]],
  [{ kW: 400, mounting: "rigid", category: general }, [2.3, 4.5, 7.1]],
  [{ kW: 400, mounting: "flexible", category: general }, [3.5, 7.1, 11]],
  [{ kW: 30, mounting: "rigid", category: "pump-1" }, [2.5, 4, 6.6]],
  [{ kW: 30, mounting: "rigid", category: "pump-2" }, [3.2, 5.1, 8.5]],
] as const)("limits of %j", (machine, boundaries) => {
  const limits = severityLimits(machine);
  expect(limits.boundaries).toEqual(boundaries);
  expect([limits.warn, limits.trip]).toEqual(boundaries.slice(1));
});

test("5.0 mm/s is zone D of a medium machine on a rigid base and zone C on a flexible one", () => {
  const rigid = severityLimits({ kW: 30, mounting: "rigid", category: "general" });
  const flexible = severityLimits({ kW: 30, mounting: "flexible", category: "general" });
  expect(zoneName(zoneNumber(rigid, 5))).toBe("D");
  expect(zoneName(zoneNumber(flexible, 5))).toBe("C");
  expect(zoneName(zoneNumber(rigid, 0.99))).toBe("A");
  expect(zoneName(zoneNumber(rigid, 1.4))).toBe("A");
});
