/** The plants that can be simulated, by name. */
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { bakery } from "./bakery/bakery.ts";
import { waterWorks } from "./water-works/water-works.ts";

export const plants: readonly PlantDefinition[] = [waterWorks, bakery];

export const defaultPlantId = waterWorks.id;

export const plantIds: readonly string[] = plants.map(({ id }) => id);

/** One of `plants`; the command line has checked the name. @throws TypeError for another */
export function plantById(id: string): PlantDefinition {
  const plant = plants.find((one) => one.id === id);
  if (plant === undefined) throw new TypeError(`no plant ${id}`);
  return plant;
}
