/** A site's description as it came: its packs are used where they can be read, and cost only words where not. */
import type { SiteModel } from "@weir/contracts/site.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { expect, test } from "vitest";
import { createSiteModels } from "./site-models.ts";

const model: SiteModel = {
  site: { id: "anywhere", name: "Anywhere", tz: "UTC" },
  lines: [{ id: "A", name: "A" }],
  stages: [{ id: "TANK1", name: "Tank", line: "A", upstream: [], equipment: "tank" }],
  kpis: [],
};

test("packs come whole, and the same text is read once", () => {
  const models = createSiteModels();
  const text = JSON.stringify({ ...model, packs: ["general"], pack: builtinPack("general") });
  const known = models.read("anywhere", text);
  expect(known?.packNote).toBe("");
  expect(known?.model.pack?.kinds["pressure"]?.names).toContain("pt");
  expect(models.read("anywhere", text)).toBe(known);
  expect(models.read("anywhere", undefined)).toBeUndefined();
});

test("a fog that sends none, and one whose pack is damaged, are said to be told in plain words", () => {
  const models = createSiteModels();
  expect(models.read("old", JSON.stringify(model))).toMatchObject({
    model,
    packNote: expect.stringContaining("sends no plant packs"),
  });
  const damaged = { ...model, packs: ["x"], pack: { kinds: { level: { nam: 1 } } } };
  const known = models.read("damaged", JSON.stringify(damaged));
  expect(known?.model.pack).toBeUndefined();
  expect(known?.model.stages).toEqual(model.stages);
  expect(known?.packNote).toMatch(/cannot be read \(kinds\.level\.nam: unknown; did you mean name/);
});

test("a site that wants no packs has nothing to be told of", () => {
  const none = { ...model, packs: [], pack: { kinds: {}, equipment: {} } };
  expect(createSiteModels().read("plain", JSON.stringify(none))?.packNote).toBe("");
});
