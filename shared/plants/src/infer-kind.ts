/**
 * What a tag measures, from its unit, its name and its device's, where nobody has said so. The unit
 * leads: a name may mean many things, a unit few. What stays open stays open.
 */
import type { MeasurementKind } from "@weir/contracts/plant-pack.ts";

export interface NamedTag {
  unit: string;
  /** "CL01", "Tank_Temp" */
  name: string;
  /** Asked where the name says nothing: "OVEN-TEMP". */
  device?: string | undefined;
  /** Measuring range; equal ends say nothing. */
  min?: number | undefined;
  max?: number | undefined;
}

/** Units compared as people write them: "m³/h" is "m3/h", "°C" is "degC". */
export const unitKey = (unit: string): string =>
  unit
    .normalize("NFKC")
    .replaceAll(/[\s·*]+/g, "")
    .replaceAll("°", "deg")
    .replaceAll(/[µμ]/g, "u")
    .toLowerCase();

/** Words of a name: "TankTemp_01" is tank, temp; "PT01" is pt and pt01. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap((word) => {
      const bare = word.replace(/\d+$/, "");
      return bare === word ? [word] : [bare, word];
    })
    .filter((word) => word !== "");
}

/** `undefined` where it stays open. */
export function inferKind(
  kinds: Readonly<Record<string, MeasurementKind>>,
  tag: NamedTag,
): string | undefined {
  const possible = candidates(kinds, tag);
  const named =
    lastNamed(possible, wordsOf(tag.name)) ?? lastNamed(possible, wordsOf(tag.device ?? ""));
  if (named !== undefined) return named;
  if (tag.unit.trim() === "") return undefined;
  const key = unitKey(tag.unit);
  const decided = possible.filter(([, kind]) =>
    Object.entries(kind.units).some(([unit, { decides }]) => decides && unitKey(unit) === key),
  );
  // Of two packs that both decide, the more special one comes last.
  return decided.at(-1)?.[0];
}

type Candidate = readonly [id: string, kind: MeasurementKind];

/** Kinds that have this unit and can have this range; a unit that no kind has says nothing. */
function candidates(
  kinds: Readonly<Record<string, MeasurementKind>>,
  { unit, min = 0, max = 0 }: NamedTag,
): Candidate[] {
  const all = Object.entries(kinds);
  const key = unitKey(unit);
  if (key === "") return all;
  return all.filter(([, kind]) =>
    Object.entries(kind.units).some(([name, bounds]) => {
      if (unitKey(name) !== key) return false;
      if (min >= max) return true;
      return max > (bounds.min ?? -Infinity) && min < (bounds.max ?? Infinity);
    }),
  );
}

/**
 * The kind of the last word that means one: an oil pressure is a pressure. Where several share a word,
 * the one that lists it first, then the one of the more special pack.
 */
function lastNamed(possible: readonly Candidate[], words: readonly string[]): string | undefined {
  for (const word of words.toReversed()) {
    const meaning = possible
      .map(([id, { names }]) => ({ id, rank: names.indexOf(word) }))
      .filter(({ rank }) => rank >= 0);
    const best = Math.min(...meaning.map(({ rank }) => rank));
    const found = meaning.findLast(({ rank }) => rank === best);
    if (found) return found.id;
  }
  return undefined;
}
