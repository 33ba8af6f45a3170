/** What the simulated plants measure and have standing is in the packs that they name, and mostly told without a kind. */
import { plants } from "@weir/firmware-sim/plants/plants.ts";
import { Catalogue } from "@weir/plants/catalogue.ts";
import { builtinPack } from "@weir/plants/load-packs.ts";
import { describe, expect, test } from "vitest";

/** A unit does not tell what flows, nor what stands as high. */
const broader: Record<string, string> = { air_flow: "flow", gas_flow: "flow", blanket: "level" };

describe.each(plants.map((plant) => [plant.id, plant] as const))("%s", (id, plant) => {
  const catalogue = new Catalogue(builtinPack(...plant.packs));

  test("every kind is known in its unit, and its measuring range is one that it can have", () => {
    for (const { instrument, id: sensor } of plant.sensors) {
      const unit = catalogue.unit(instrument.kind, instrument.unit);
      expect(unit, `${sensor}: ${instrument.kind} in ${instrument.unit}`).toBeDefined();
      expect(instrument.min, sensor).toBeGreaterThanOrEqual(unit?.min ?? -Infinity);
      expect(instrument.max, sensor).toBeLessThanOrEqual(unit?.max ?? Infinity);
    }
  });

  test("every stage's equipment and every output is of a class", () => {
    for (const { id: stage, equipment } of plant.stages) {
      expect(catalogue.equipmentClass(equipment), `${stage}: ${equipment}`).toBeDefined();
    }
    for (const { name } of plant.actuators) {
      expect(catalogue.equipmentClass(name)?.equipment.order, name).toBeDefined();
    }
  });

  test("left out, a kind is told by unit, name and place, or stays open", () => {
    const wrong: string[] = [];
    let open = 0;
    for (const { instrument, name, device } of plant.sensors) {
      const { unit, min, max, kind: real } = instrument;
      const { kind, inferred } = catalogue.tagKind("", { unit, name, device, min, max });
      if (!inferred) open++;
      else if (kind !== real && kind !== broader[real]) wrong.push(`${real} as ${kind}`);
    }
    expect([...new Set(wrong)].sort(), id).toEqual([]);
    expect(open / plant.sensors.length, `${open} stay open`).toBeLessThan(0.1);
  });
});
