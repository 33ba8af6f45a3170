import { expect, test } from "vitest";
import { pensMax, pensOf, zoomOf, zoomQuery } from "./tag-explorer.tsx";

const tags = Array.from({ length: 12 }, (_, i) => ({
  ...{ id: `e/TANK${i}/PT01`, name: "pressure", unit: "bar", stage: `TANK${i}`, kind: "pressure" },
}));

test("without a wish it opens what the site has, its key figures first", () => {
  expect(pensOf(null, { tags }).pens).toEqual(tags.slice(0, 4).map(({ id }) => id));
  const initial = ["e/TANK7/PT01", "e/GONE/PT01"];
  expect(pensOf(null, { tags, initial }).pens[0]).toBe("e/TANK7/PT01");
  expect(pensOf(null, { tags, initial }).pens).not.toContain("e/GONE/PT01");
  const withRemoved = { tags: tags.map((tag, i) => (i === 0 ? { ...tag, removedAtMs: 1 } : tag)) };
  expect(pensOf(null, withRemoved).pens[0]).toBe("e/TANK1/PT01");
  expect(pensOf("e/TANK0/PT01", withRemoved).pens).toEqual(["e/TANK0/PT01"]);
  expect(pensOf(null, { tags: [] })).toEqual({ pens: [], unknown: [] });
});

test("what the address asks for is drawn once, in its order; what there is not is named and never asked for", () => {
  const asked = "e/TANK3/PT01,x/NOPE/T1,e/TANK1/PT01,e/TANK3/PT01";
  expect(pensOf(asked, { tags })).toEqual({
    pens: ["e/TANK3/PT01", "e/TANK1/PT01"],
    unknown: ["x/NOPE/T1"],
  });
  expect(pensOf(tags.map(({ id }) => id).join(","), { tags }).pens).toHaveLength(pensMax);
  expect(pensOf("", { tags }).pens).toEqual([]);
});

test("a part of the time that was chosen is in the address and comes out of it again", () => {
  const zoom = { fromMs: Date.UTC(2026, 5, 2, 6, 30), toMs: Date.UTC(2026, 5, 2, 7, 15, 0, 250) };
  const query = new URLSearchParams(zoomQuery(zoom) as Record<string, string>);
  expect(query.get("from")).toBe("2026-06-02T06:30:00.000Z");
  expect(zoomOf(query)).toEqual(zoom);
  expect(zoomQuery(undefined)).toEqual({ from: null, to: null });
  const noSpans = ["", "from=2026-06-02", "from=x&to=y", "from=2026-06-03&to=2026-06-02"];
  for (const text of noSpans) expect(zoomOf(new URLSearchParams(text)), text).toBeUndefined();
});
