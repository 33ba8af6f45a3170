import type { FreshnessView } from "@weir/contracts/api/freshness.ts";
import { expect, test } from "vitest";
import { freshClass, heardWords, isLive } from "./freshness.tsx";

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 5, 2, 14, 3);
const fresh = (fields: Partial<FreshnessView>): FreshnessView => ({
  ...{ state: "live", heardAtMs: nowMs - 1_000, ageMs: 1_000, sinceMs: nowMs - hourMs },
  reason: "",
  ...fields,
});

test("what is not heard says since when and for how long", () => {
  const silent = fresh({ state: "silent", heardAtMs: nowMs - 2 * hourMs });
  expect(heardWords(silent, nowMs)).toBe("not heard since 12:03 (2 h)");
  const stale = fresh({ state: "stale", heardAtMs: nowMs - 40_000 });
  expect(heardWords(stale, nowMs)).toBe("last heard 14:02 (40 s)");
  expect(heardWords(fresh({ state: "never", heardAtMs: null }), nowMs)).toBe("never heard");
  expect(heardWords(fresh({}), nowMs)).toBe("heard 14:02:59");
});

test("only what is live looks like it", () => {
  const looks = (["live", "stale", "silent", "never"] as const).map((state) =>
    freshClass(fresh({ state })),
  );
  expect(looks).toEqual(["", "is-stale", "is-silent", "is-silent"]);
  expect(isLive(fresh({ state: "stale" }))).toBe(false);
});
