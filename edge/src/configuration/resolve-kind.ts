/** What a tag measures: as its configuration says, or as unit and name tell; and what that rules out. */
import { builtinKinds } from "@weir/plants/builtin-kinds.ts";
import { isKnownKind, unknownKind } from "@weir/plants/catalogue.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { Range, TagSettings } from "./configuration.ts";
import type { TagDraft } from "./document-tag.ts";
import type { TagContext } from "./resolve-tag.ts";
import { type Resolving, warn } from "./resolving.ts";

export interface MeasuredKind {
  /** Given or inferred; "other" where nothing tells. */
  kind: string;
  /** What people call it; the tag's id where nobody knows. */
  quantity: string;
}

export function resolveKind(
  raw: TagDraft,
  [min, max]: Range,
  { at, path, name, device }: TagContext,
): MeasuredKind {
  const kinds = builtinKinds();
  const unit = raw.unit ?? "";
  const { kind } = kinds.tagKind(raw.kind ?? "", { unit, name, device: device.id, min, max });
  const known = kinds.unit(kind, unit);
  if (raw.kind !== undefined) warnOfMistyped(raw.kind, at, [...path, "kind"]);
  // A range that nobody has given is that of the register, and says nothing of the instrument.
  if (
    raw.kind !== undefined &&
    raw.min !== undefined &&
    known?.min !== undefined &&
    raw.min < known.min
  )
    warn(at, [...path, "min"], beyond("min", raw.min, { kind, unit, bound: known.min }));
  if (
    raw.kind !== undefined &&
    raw.max !== undefined &&
    known?.max !== undefined &&
    raw.max > known.max
  )
    warn(at, [...path, "max"], beyond("max", raw.max, { kind, unit, bound: known.max }));
  return { kind, quantity: kinds.kindName(kind) || `${device.id}/${name}` };
}

/** A kind of the site's own packs is not known here, and is nobody's mistake. */
function warnOfMistyped(kind: string, at: Resolving, path: SettingPath): void {
  if (kind === unknownKind || builtinKinds().kind(kind)) return;
  const guess = nearestName(kind, Object.keys(builtinKinds().pack.kinds));
  if (guess === undefined) return;
  const text = `no pack of Weir's own knows a kind "${kind}"; did you mean ${guess}? As it is, nothing is known of its range and its noise, unless a pack of the site tells`;
  warn(at, path, text);
}

const beyond = (
  key: "min" | "max",
  value: number,
  { kind, unit, bound }: { kind: string; unit: string; bound: number },
): string =>
  `${value} ${unit} is ${key === "min" ? "below" : "above"} what ${builtinKinds().kindName(kind)} can be, ${bound} ${unit}; correct ${key}, unit or kind`;

/** One warning a stage whose tags have no kind that anybody knows: what it costs, and where to begin. */
export function warnOfUnknownKinds(at: Resolving, tags: readonly TagSettings[]): void {
  const measuring = tags.filter((tag) => !isSwitchOrCode(tag));
  for (const stage of new Set(measuring.map((tag) => tag.stage))) {
    const own = measuring.filter((tag) => tag.stage === stage);
    const open = own.filter((tag) => !isTold(tag)).map(({ id }) => id);
    // A single sensor has none beside it to be checked by.
    if (open.length === 0 || own.length === 1) continue;
    const named = [...open.slice(0, namedMax), ...(open.length > namedMax ? ["…"] : [])].join(", ");
    const text =
      `nothing tells what ${open.length} of the ${own.length} tags of stage ${stage} measure (${named}): the stage is learned without kinds, ` +
      "so sensors of one kind check each other only where they move together; give them `kind`, or a unit that tells it";
    warn(at, ["devices"], text);
  }
}

const isSwitchOrCode = ({ type, map, mask = 0 }: TagSettings): boolean =>
  type === "bool" || map !== undefined || (mask !== 0 && (mask & (mask - 1)) === 0);

const isTold = ({ kind, unit, name, min, max }: TagSettings): boolean =>
  isKnownKind(builtinKinds().tagKind(kind, { unit, name, min, max }).kind);

/** Tags named in a warning. */
const namedMax = 6;
