/** One tag: the profile's keys and the instance's, defaults, and what cannot be. */
import { unknownKind } from "@weir/plants/catalogue.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import { completed } from "@weir/runtime/setting-tables.ts";
import { Place as SettingPlace } from "@weir/runtime/settings.ts";
import {
  type ByteOrder,
  type ConnectionType,
  type Place,
  type Range,
  type TagSettings,
  type ValueType,
  widthOf,
} from "./configuration.ts";
import { type GivenTag, periodDefaultMs, type TagDraft, tagTable } from "./document-tag.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { formatPlace, parsePlace } from "./place.ts";
import { resolveDetect } from "./resolve-detect.ts";
import { resolveFeature } from "./resolve-feature.ts";
import { resolveKind } from "./resolve-kind.ts";
import { type NamedValues, resolveField, withoutRegisters } from "./resolve-named-value.ts";
import { fault, type Resolving } from "./resolving.ts";

const stalePeriods = 3;
/** Less than this and a busy machine makes stale tags. */
const staleAfterMsMin = 2_000;

export interface TagContext {
  at: Resolving;
  path: SettingPath;
  device: {
    index: number;
    id: string;
    stage: string;
    asset: string;
    byteOrder: ByteOrder;
    machine: MachineSettings | undefined;
  };
  /** undefined when the device names none that exists. */
  connectionType: ConnectionType | undefined;
  /** What the tags of text lines and of SDI-12 may name; undefined on other connections. */
  values: NamedValues | undefined;
  /** Where the tag names none, milliseconds. */
  usualPeriodMs: number | undefined;
  site: string;
  name: string;
  index: number;
}

/** undefined when nothing can be made of it; the faults are noted. */
export function resolveTag(raw: GivenTag, context: TagContext): TagSettings | undefined {
  if (context.connectionType === "frames") {
    const feature = resolveFeature(raw, context.device.machine, context);
    const source = { place: undefined, field: feature?.field, type: "float64" as const };
    return feature && completeTag(feature.raw, source, context);
  }
  if (context.values) {
    const { at, path, values } = context;
    const field = resolveField(at, raw.read, { path, values });
    const whole = withoutRegisters(at, raw, path);
    const pollMs = values.in === "line" ? context.usualPeriodMs : undefined;
    if (pollMs !== undefined && raw.every !== undefined && raw.every < pollMs) {
      const text = `${raw.every} ms is shorter than the ${pollMs} ms between two polls of the line; poll faster`;
      fault(at, [...path, "every"], text);
    }
    if (field === undefined) return undefined;
    return completeTag(whole, { place: undefined, field, type: "float64" }, context);
  }
  const place = resolvePlace(raw, context);
  if (!place) return undefined;
  const isBit = place.table === "coil" || place.table === "discrete";
  const type = resolveType(raw, isBit, context);
  if (!type) return undefined;
  checkWidth(place, type, context);
  return completeTag(raw, { place, field: undefined, type }, context);
}

/** Everything that does not depend on where the value comes from. */
function completeTag(
  given: GivenTag,
  source: Pick<TagSettings, "place" | "field" | "type">,
  context: TagContext,
): TagSettings {
  const { at, path, device, name } = context;
  const { type } = source;
  const raw = completed(tagTable, given, SettingPlace.of(at.source, path, { problems: [] }));
  const { scale } = raw;
  if (scale === 0)
    fault(at, [...path, "scale"], "0 makes every value the same; leave it out for 1");
  const periodMs = raw.every ?? context.usualPeriodMs ?? periodDefaultMs;
  const staleAfterMs = raw.staleAfter ?? Math.max(stalePeriods * periodMs, staleAfterMsMin);
  if (staleAfterMs <= periodMs) {
    fault(
      at,
      [...path, "staleAfter"],
      `${staleAfterMs} ms is not longer than the period of ${periodMs} ms: the tag would always be stale`,
    );
  }
  const range = resolveRange(raw, { type, scale }, context);
  const { hardLow, hardHigh, onDelay, deadband } = raw.limits;
  const limits = { hardLow, hardHigh, onDelayMs: onDelay, deadband };
  checkLimits(limits, range, context);
  const stage = raw.stage ?? device.stage;
  const [min, max] = range;
  const measured = resolveKind(raw, range, context);
  const resolution = raw.resolution ?? naturalStep(raw, { type, scale, range });
  return {
    index: context.index,
    id: `${device.id}/${name}`,
    device: device.index,
    name,
    stage,
    kind: raw.kind ?? unknownKind,
    quantity: measured.quantity,
    unit: raw.unit ?? "",
    assetPath: `${context.site}/${device.asset}/${name}`,
    ...source,
    byteOrder: raw.byteOrder ?? device.byteOrder,
    scale,
    offset: raw.offset,
    mask: resolveMask(raw, type, context),
    map: raw.map && new Map(Object.entries(raw.map).map(([code, value]) => [Number(code), value])),
    signal: raw.signal,
    min,
    max,
    resolution,
    periodMs,
    staleAfterMs,
    policy: raw.policy,
    limits,
    detect: resolveDetect(raw.detect, {
      at: context.at,
      path,
      tag: { resolution, periodMs, kind: measured.kind, unit: raw.unit ?? "" },
    }),
  };
}

function resolvePlace(raw: GivenTag, { at, path }: TagContext): Place | undefined {
  if (raw.read === undefined) {
    return fault(
      at,
      path,
      '"read" is missing: where the value is, as "holding:11" or "holding 40012"',
    );
  }
  const result = parsePlace(raw.read);
  return result.ok ? result.place : fault(at, [...path, "read"], result.text);
}

function resolveType(
  raw: GivenTag,
  isBit: boolean,
  { at, path }: TagContext,
): ValueType | undefined {
  if (isBit) {
    if (raw.type === undefined || raw.type === "bool") return "bool";
    return fault(
      at,
      [...path, "type"],
      `coils and discrete inputs hold one bit, not ${raw.type}; leave type out`,
    );
  }
  if (raw.type === undefined) {
    if (raw.bit !== undefined || raw.mask !== undefined) return "uint16";
    return fault(
      at,
      path,
      '"type" is missing: how the registers hold the value, as int16 or float32',
    );
  }
  if (raw.type === "bool") {
    return fault(at, [...path, "type"], "a register is no bool; name the bit with `bit: 0`");
  }
  return raw.type;
}

function checkWidth(place: Place, type: ValueType, { at, path }: TagContext): void {
  const last = place.address + widthOf[type] - 1;
  if (last > 0xffff) {
    fault(
      at,
      [...path, "read"],
      `${type} at ${formatPlace(place)} would end at register ${last}, above 65535, the last one there is`,
    );
  }
}

function resolveMask(raw: TagDraft, type: ValueType, { at, path }: TagContext): number | undefined {
  if (raw.bit === undefined && raw.mask === undefined) return undefined;
  const key = raw.bit === undefined ? "mask" : "bit";
  if (raw.bit !== undefined && raw.mask !== undefined) {
    return fault(at, [...path, "bit"], "bit and mask are both given; keep one");
  }
  const bits = widthOf[type] * 16;
  if (type.startsWith("float") || type === "bool") {
    return fault(at, [...path, key], `${type} has no bits to choose from; use uint16 or uint32`);
  }
  const mask = raw.mask ?? 2 ** (raw.bit as number);
  if (mask >= 2 ** bits) {
    return fault(
      at,
      [...path, key],
      `${raw.bit ?? raw.mask} does not fit the ${bits} bits of ${type}`,
    );
  }
  return mask;
}

/** Smallest and largest value; registers of whole numbers have natural ones. */
function resolveRange(
  raw: TagDraft,
  { type, scale }: { type: ValueType; scale: number },
  { at, path }: TagContext,
): Range {
  const natural = maskedRange(raw) ?? naturalRange(type);
  const ends = natural.map((end) => end * scale + raw.offset);
  const min = raw.min ?? Math.min(...ends);
  const max = raw.max ?? Math.max(...ends);
  const isOpen = raw.min === undefined || raw.max === undefined;
  if (raw.signal === "4-20mA" && isOpen) {
    fault(at, path, "a 4-20 mA signal needs min and max: the values at 4 and at 20 mA");
  } else if (type.startsWith("float") && isOpen) {
    fault(
      at,
      path,
      `min and max are missing: ${type} registers have no measuring range of their own`,
    );
  }
  if (min >= max) fault(at, [...path, "min"], `min ${min} is not below max ${max}`);
  return [min, max];
}

/** Of some bits of a register; what codes stand for is in their map. */
function maskedRange({ bit, mask, map }: TagDraft): Range | undefined {
  if (map) return undefined;
  if (bit !== undefined) return [0, 1];
  if (mask === undefined) return undefined;
  const lowest = 2 ** (31 - Math.clz32(mask & -mask));
  return [0, Math.floor(mask / lowest)];
}

function naturalRange(type: ValueType): Range {
  if (type === "bool") return [0, 1];
  const bits = widthOf[type] * 16;
  return type.startsWith("int") ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

function naturalStep(
  raw: TagDraft,
  { type, scale, range }: { type: ValueType; scale: number; range: Range },
): number {
  if (type.startsWith("float")) return 0;
  if (raw.signal !== "4-20mA") return raw.map ? 0 : Math.abs(scale);
  return (Math.abs(scale) * (range[1] - range[0])) / 16;
}

function checkLimits(
  limits: TagSettings["limits"],
  [min, max]: Range,
  { at, path }: TagContext,
): void {
  const { hardLow, hardHigh } = limits;
  if (hardLow !== undefined && hardHigh !== undefined && hardLow >= hardHigh) {
    fault(
      at,
      [...path, "limits", "hardLow"],
      `hardLow ${hardLow} is not below hardHigh ${hardHigh}`,
    );
  }
  for (const [key, limit] of [
    ["hardLow", hardLow],
    ["hardHigh", hardHigh],
  ] as const) {
    if (limit === undefined || (limit >= min && limit <= max)) continue;
    fault(
      at,
      [...path, "limits", key],
      `${key} ${limit} lies outside the measuring range ${min} to ${max}: it could never act`,
    );
  }
}
