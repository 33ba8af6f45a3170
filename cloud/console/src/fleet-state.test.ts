import { setSiteZone } from "@weir/ui/site-clock.ts";
import { expect, test } from "vitest";
import { commonZone, fleet, siteTime, zoneOf } from "./fleet-state.ts";
import { evidenceGroups } from "./pages/ticket.tsx";

test("the console's clock is that of its sites, or UTC where they differ", () => {
  expect(commonZone([])).toBe("UTC");
  expect(commonZone(["Europe/Vienna", "Europe/Vienna"])).toBe("Europe/Vienna");
  expect(commonZone(["Europe/Vienna", "Asia/Tokyo"])).toBe("UTC");
});

test("a site's times are by its own clocks, and say so where the console's clock is another", () => {
  const site = (id: string, tz: string) => ({ id, tz }) as never;
  fleet.value = {
    ...{ sites: [site("mill", "Europe/Vienna"), site("quay", "Asia/Tokyo")] },
    ingest: { itemsPerSecond: 0, bytesPerSecond: 0, logItems: 0, historyBytes: 0 },
    ...{ openTickets: 0, trainingQueue: 0 },
  };
  const noonMs = Date.UTC(2026, 5, 2, 12);
  setSiteZone("UTC");
  expect(siteTime("mill", noonMs)).toBe("2 Jun 14:00 CEST");
  expect(siteTime("quay", noonMs)).toMatch(/^2 Jun 21:00 (GMT\+9|JST)$/);
  setSiteZone("Europe/Vienna");
  expect(siteTime("mill", noonMs)).toBe("2 Jun 14:00");
  expect(zoneOf("gone")).toBe("Europe/Vienna");
});

test("what is seen in the same charts is drawn once, under all that is said of it", () => {
  const one = { kind: "trend" as const, tags: ["a", "b"], fromMs: 0, toMs: 9, text: "it rose" };
  const groups = evidenceGroups([
    one,
    { ...one, kind: "features", tags: ["b", "a"], text: "twice the line" },
    { ...one, toMs: 20, text: "later" },
  ]);
  expect(groups.map(({ texts, toMs }) => [texts, toMs])).toEqual([
    [["it rose", "twice the line"], 9],
    [["later"], 20],
  ]);
});
