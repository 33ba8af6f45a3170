/** What the fleet's page says of a site and its edges. */
import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { setSiteZone } from "@weir/ui/site-clock.ts";
import { expect, test } from "vitest";
import { heardWords } from "../site-link.tsx";
import { edgeWords } from "./fleet.tsx";

const nowMs = Date.UTC(2026, 5, 2, 12);
const edge = { id: "e1", online: false, lastSeenMs: nowMs - 600_000, latchedTrips: 0 };
const silence: FleetSite["openIncidents"][number] = {
  ...{ id: "a", stage: "", edge: "e1", isSilence: true, severity: "high" },
  ...{ headline: "e1 is silent: 3 sensors cannot be seen", openedAtMs: nowMs - 570_000 },
};

test("that an edge is silent, and since when, is said once", () => {
  setSiteZone("UTC");
  const site = { id: "mill", online: true, openIncidents: [silence] };
  expect(edgeWords(edge, site)).toBe("not heard");
  expect(edgeWords({ ...edge, id: "e2" }, site)).toBe("not heard since 2 Jun 11:50");
  expect(edgeWords(edge, { ...site, openIncidents: [] })).toBe("not heard since 2 Jun 11:50");
  expect(edgeWords(edge, { ...site, online: false })).toContain(
    "not known; last heard by its site",
  );
  expect(edgeWords({ ...edge, online: true }, site)).toBe("heard");
});

test("a site is heard as of when it was heard", () => {
  expect(heardWords(nowMs - 8_000, nowMs)).toBe("heard 8 s ago");
  expect(heardWords(nowMs + 500, nowMs)).toBe("heard 0 ms ago");
  expect(heardWords(null, nowMs)).toBe("heard");
});
