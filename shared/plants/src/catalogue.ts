/** A resolved plant pack, asked by id and by word. Everything answers in plain words where the pack knows nothing. */
import type {
  EquipmentClass,
  MeasurementKind,
  PlantPack,
  UnitOfKind,
} from "@weir/contracts/plant-pack.ts";
import { inferKind, type NamedTag, unitKey } from "./infer-kind.ts";

/** The kind of a tag that says none. */
export const unknownKind = "other";

/** True of what an edge announces for a tag without a kind, and of imported tags. */
export const isKnownKind = (kind: string): boolean => kind !== "" && kind !== unknownKind;

export interface TagKind {
  /** `unknownKind` where nobody has given it and nothing tells. */
  kind: string;
  /** Nobody has given it: unit, name and place tell. */
  inferred: boolean;
}

export interface FoundClass {
  id: string;
  equipment: EquipmentClass;
}

export const emptyPack: PlantPack = {
  kinds: {},
  equipment: {},
  failureModes: [],
  findings: [],
  operations: {},
};

export class Catalogue {
  readonly pack: PlantPack;
  readonly #classes: readonly { id: string; equipment: EquipmentClass; patterns: RegExp[] }[];
  readonly #found = new Map<string, FoundClass | undefined>();

  constructor(pack: PlantPack) {
    this.pack = pack;
    this.#classes = Object.entries(pack.equipment).map(([id, equipment]) => ({
      id,
      equipment,
      patterns: [...new Set([id.replaceAll("-", " "), equipment.name, ...equipment.words])].map(
        beginningOfWords,
      ),
    }));
  }

  kind(id: string): MeasurementKind | undefined {
    return Object.hasOwn(this.pack.kinds, id) ? this.pack.kinds[id] : undefined;
  }

  /** "free chlorine"; an id that no pack knows with spaces; "" of none. */
  kindName(id: string): string {
    return this.kind(id)?.name ?? (isKnownKind(id) ? id.replaceAll("_", " ") : "");
  }

  /** "oxygen probe": what an operator calls the instrument. */
  sensorName(id: string): string {
    return this.kind(id)?.sensor ?? this.kindName(id);
  }

  unit(kind: string, unit: string): UnitOfKind | undefined {
    const units = this.kind(kind)?.units ?? {};
    const key = unitKey(unit);
    return Object.entries(units).find(([name]) => unitKey(name) === key)?.[1];
  }

  /** `given` where somebody has given it, else what unit, name and place tell. */
  tagKind(given: string, tag: NamedTag): TagKind {
    if (isKnownKind(given)) return { kind: given, inferred: false };
    const kind = inferKind(this.pack.kinds, tag);
    return { kind: kind ?? unknownKind, inferred: kind !== undefined };
  }

  /**
   * The class that a text speaks of: "gravity thickener", "cooling_water_pump". Of several the last word
   * counts, as in English: a pump of cooling water is a pump.
   */
  equipmentClass(text: string): FoundClass | undefined {
    const plain = text
      .toLowerCase()
      .replaceAll(/[_.\-/]+/g, " ")
      .trim();
    if (plain === "") return undefined;
    if (this.#found.has(plain)) return this.#found.get(plain);
    let best: (FoundClass & { end: number; length: number }) | undefined;
    for (const { id, equipment, patterns } of this.#classes) {
      for (const pattern of patterns) {
        for (const match of plain.matchAll(pattern)) {
          const length = match[0].length;
          const end = match.index + length;
          const isBetter =
            !best || match.index > best.end - 1 || (end >= best.end && length > best.length);
          if (isBetter) best = { id, equipment, end, length };
        }
      }
    }
    const found = best && { id: best.id, equipment: best.equipment };
    this.#found.set(plain, found);
    return found;
  }
}

/** Short words stand whole ("fan" is not in "fantail"); longer ones may go on ("thicken" in "thickener"). */
const wholeLengthMax = 4;

function beginningOfWords(word: string): RegExp {
  const escaped = word.toLowerCase().replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return word.length <= wholeLengthMax
    ? new RegExp(`\\b${escaped}s?\\b`, "g")
    : new RegExp(`\\b${escaped}\\w*`, "g");
}

const catalogues = new WeakMap<PlantPack, Catalogue>();
const nothing = new Catalogue(emptyPack);

/** Of a site's description, made once for each; an empty one where it names no packs. */
export function catalogueOf(site: { pack?: PlantPack | undefined } | undefined): Catalogue {
  const pack = site?.pack;
  if (!pack) return nothing;
  let made = catalogues.get(pack);
  if (!made) {
    made = new Catalogue(pack);
    catalogues.set(pack, made);
  }
  return made;
}
