/** Which requests read all tags of one connection: neighbours share one, small holes are read through. */

import { elementAt } from "@weir/contracts/elements.ts";
import type {
  Configuration,
  ConnectionSettings,
  DeviceSettings,
  ValueType,
} from "../configuration/configuration.ts";
import { type Place, type Table, widthOf } from "../configuration/configuration.ts";
import { readBitsMax } from "./modbus/request.ts";

export interface Block {
  unit: number;
  fc: 1 | 2 | 3 | 4;
  address: number;
  count: number;
  periodMs: number;
  points: BlockPoint[];
  /** Quiet time that its device needs, where that is not the connection's. */
  gapMs?: number;
}

/** A value within a block. */
export interface BlockPoint {
  /** A tag's reading, or a device's status word, which is judged before the tags of its block. */
  kind: "tag" | "status";
  /** Tag index, or device index. */
  index: number;
  /** Registers (or bits) from the block's first. */
  offset: number;
}

interface Limits {
  maxRegisters: number;
  maxHole: number;
  gapMs: number | undefined;
}

interface Wanted {
  unit: number;
  limits: Limits;
  place: Place;
  width: number;
  periodMs: number;
  point: Omit<BlockPoint, "offset">;
}

const fcOf: Record<Table, Block["fc"]> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** Bits are cheap: one request may span this many unused ones. */
const bitHoleMax = 64;

/** The blocks of connection `index`, shortest period first, then by unit and address. */
export function planBlocks(configuration: Configuration, index: number): Block[] {
  const groups = new Map<string, Wanted[]>();
  for (const wanted of pointsOf(configuration, index)) {
    const key = `${wanted.unit}/${wanted.place.table}/${wanted.periodMs}`;
    groups.set(key, [...(groups.get(key) ?? []), wanted]);
  }
  const blocks = [...groups.values()].flatMap((group) => merge(group, strictest(group)));
  shareStatus(blocks);
  for (const block of blocks) {
    block.points.sort((a, b) => Number(b.kind === "status") - Number(a.kind === "status"));
  }
  // Of blocks that are due together those with status words come first: the values are judged by them.
  return blocks.sort(
    (a, b) =>
      a.periodMs - b.periodMs ||
      a.unit - b.unit ||
      Number(hasStatus(b)) - Number(hasStatus(a)) ||
      a.fc - b.fc ||
      a.address - b.address,
  );
}

const hasStatus = ({ points }: Block): boolean => points.some(({ kind }) => kind === "status");

/**
 * Smaller requests for what `block` reads, for a device that refuses it: first without its holes, whose
 * registers may not exist, then tag by tag. Empty when there is nothing left to split.
 */
export function splitBlock(block: Block, configuration: Configuration): Block[] {
  const points = [...block.points].sort((a, b) => a.offset - b.offset);
  const widthAt = ({ kind, index }: BlockPoint): number =>
    kind === "tag" ? widthOf[elementAt(configuration.tags, index).type] : 1;
  const runs: Block[] = [];
  for (const point of points) {
    const address = block.address + point.offset;
    const last = runs.at(-1);
    if (last && address <= last.address + last.count) {
      last.count = Math.max(last.count, address + widthAt(point) - last.address);
      last.points.push({ ...point, offset: address - last.address });
    } else {
      runs.push({ ...block, address, count: widthAt(point), points: [{ ...point, offset: 0 }] });
    }
  }
  if (runs.length > 1) return runs;
  if (points.length < 2) return [];
  return points.map((point) => ({
    ...block,
    address: block.address + point.offset,
    count: widthAt(point),
    points: [{ ...point, offset: 0 }],
  }));
}

/** A status word that a faster request covers anyway needs none of its own. */
function shareStatus(blocks: Block[]): void {
  for (const slow of [...blocks]) {
    const fast = blocks.find(
      (other) =>
        other !== slow &&
        other.unit === slow.unit &&
        other.fc === slow.fc &&
        other.periodMs < slow.periodMs &&
        other.address <= slow.address &&
        other.address + other.count >= slow.address + slow.count,
    );
    if (!fast || slow.points.some((point) => point.kind === "tag")) continue;
    const shift = slow.address - fast.address;
    for (const point of slow.points) fast.points.push({ ...point, offset: point.offset + shift });
    blocks.splice(blocks.indexOf(slow), 1);
  }
}

function pointsOf(configuration: Configuration, connection: number): Wanted[] {
  const { devices, tags } = configuration;
  const wanted: Wanted[] = [];
  for (const device of devices.filter((d) => d.connection === connection)) {
    const own = tags.filter((tag) => tag.device === device.index);
    const at = {
      unit: device.unit,
      limits: limitsOf(device, elementAt(configuration.connections, connection)),
    };
    for (const { place, type, periodMs, index } of own) {
      if (!place) continue;
      const width = widthOf[type as ValueType];
      wanted.push({ ...at, place, width, periodMs, point: { kind: "tag", index } });
    }
    if (device.status?.place && own.length > 0) {
      const periodMs = Math.min(...own.map((tag) => tag.periodMs));
      const point = { kind: "status" as const, index: device.index };
      wanted.push({ ...at, place: device.status.place, width: 1, periodMs, point });
    }
  }
  return wanted;
}

function limitsOf(device: DeviceSettings, connection: ConnectionSettings): Limits {
  const least = (own: number | undefined, all: number) => Math.min(own ?? all, all);
  return {
    maxRegisters: least(device.maxRegisters, connection.maxRegisters),
    maxHole: device.maxHole ?? connection.maxHole,
    gapMs: device.gapMs,
  };
}

/** Several devices of the configuration may be one unit on the line. */
function strictest(group: readonly Wanted[]): Limits {
  const limits = group.map((wanted) => wanted.limits);
  const gapsMs = limits.map(({ gapMs }) => gapMs).filter((gapMs) => gapMs !== undefined);
  return {
    maxRegisters: Math.min(...limits.map(({ maxRegisters }) => maxRegisters)),
    maxHole: Math.min(...limits.map(({ maxHole }) => maxHole)),
    gapMs: gapsMs.length > 0 ? Math.max(...gapsMs) : undefined,
  };
}

function merge(group: Wanted[], limits: Limits): Block[] {
  const isBits =
    elementAt(group, 0).place.table === "coil" || elementAt(group, 0).place.table === "discrete";
  const countMax = isBits ? readBitsMax : limits.maxRegisters;
  const holeMax = isBits ? bitHoleMax : limits.maxHole;
  const blocks: Block[] = [];
  for (const { unit, place, width, periodMs, point } of group.sort(byAddress)) {
    const last = blocks.at(-1);
    const end = place.address + width;
    const isNear = last !== undefined && place.address - (last.address + last.count) <= holeMax;
    if (last && isNear && Math.max(end, last.address + last.count) - last.address <= countMax) {
      last.count = Math.max(last.count, end - last.address);
      last.points.push({ ...point, offset: place.address - last.address });
    } else {
      blocks.push({
        unit,
        fc: fcOf[place.table],
        address: place.address,
        count: width,
        periodMs,
        points: [{ ...point, offset: 0 }],
        ...(limits.gapMs === undefined ? {} : { gapMs: limits.gapMs }),
      });
    }
  }
  return blocks;
}

const byAddress = (a: Wanted, b: Wanted): number => a.place.address - b.place.address;
