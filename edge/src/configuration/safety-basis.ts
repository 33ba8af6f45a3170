/**
 * What an approved cause-and-effect table stands on: how the tags of its rules are read, and the
 * watchdogs of its outputs. A table whose readings mean something else is another table.
 */

import { createHash } from "node:crypto";
import { elementAt } from "@weir/contracts/elements.ts";
import type { Configuration, TagSettings } from "./configuration.ts";

/** One line each, sorted; equal lines mean equal readings. */
export function safetyBasis(configuration: Configuration): string[] {
  const { rules, outputs, tags, connections } = configuration;
  const used = new Set(rules.flatMap(({ vote }) => vote.tags));
  const switched = new Set(outputs.map(({ connection }) => connection));
  return [
    ...tags.filter(({ index }) => used.has(index)).map((tag) => tagLine(tag, configuration)),
    ...connections
      .filter(({ index }) => switched.has(index))
      .map(({ id, type, watchdog }) => `${id}: ${plain({ type, watchdog })}`),
  ].sort();
}

function tagLine(tag: TagSettings, { devices, connections }: Configuration): string {
  const { id, place, field, type, byteOrder, scale, offset, mask, map, signal } = tag;
  const { min, max, unit, resolution, periodMs, staleAfterMs, limits } = tag;
  const device = elementAt(devices, tag.device);
  const { status } = device;
  const reading = {
    connection: elementAt(connections, device.connection).id,
    unitId: device.unit,
    ...{ place, field, type, byteOrder, scale, offset, mask, signal },
    map: map && [...map],
    ...{ min, max, unit, resolution, periodMs, staleAfterMs, limits },
    status: status && { ...status, bits: status.bits && [...status.bits] },
  };
  return `${id}: ${plain(reading)}`;
}

/** JSON without what is not set. */
const plain = (value: object): string => JSON.stringify(value);

export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");
