import { unchecked } from "@weir/contracts/output-confirmation.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import {
  type ConnectionSettings,
  isModbus,
  type OutputSettings,
  type Place,
} from "./configuration.ts";
import type { OutputDraft } from "./document-safety.ts";
import { parseWirePlace } from "./place.ts";
import { fault, type Resolving, unknownName, warn } from "./resolving.ts";

export function resolveOutputs(
  at: Resolving,
  raw: Record<string, OutputDraft>,
  connections: readonly ConnectionSettings[],
): OutputSettings[] {
  const ids = Object.keys(raw);
  const writtenBy = new Map<string, string>();
  return Object.entries(raw).flatMap(([id, output], index) => {
    const path = ["outputs", id];
    const wire = resolveWire(at, output.write, { path: [...path, "write"], connections });
    if (!wire) return [];
    const { table } = wire.place;
    if (table !== "coil" && table !== "holding") {
      fault(
        at,
        [...path, "write"],
        `${table} registers cannot be written; name a coil or a holding register`,
      );
      return [];
    }
    const wireKey = `${wire.connection}/${wire.unit}/${table}/${wire.place.address}`;
    const other = writtenBy.get(wireKey);
    if (other)
      fault(at, [...path, "write"], `${other} writes the same ${table}; correct one of the two`);
    writtenBy.set(wireKey, id);
    const settings: OutputSettings = {
      index,
      id,
      connection: wire.connection,
      unit: wire.unit,
      place: { table, address: wire.place.address },
      safe: output.safe ?? 0,
      readBack: output.readBack,
      feedback: resolveFeedback(at, output, { path, connections }),
      secondary: resolveSecondary(at, output.secondary, { path, id, ids }),
    };
    checkLevel(at, settings, { value: settings.safe, path: [...path, "safe"] });
    if (!connections[wire.connection]?.watchdog) {
      warn(
        at,
        path,
        `${connections[wire.connection]?.id} has no watchdog: if this gateway dies, ${id} stays as it is`,
      );
    }
    if (!settings.readBack && !settings.feedback) {
      const remedy = "give it a `feedback`, or leave `readBack` on";
      warn(at, path, `${unchecked} when ${id} is switched: it is never verified; ${remedy}`);
    }
    return [settings];
  });
}

/** Coils are on or off, registers hold 0 to 65535. */
export function checkLevel(
  at: Resolving,
  output: OutputSettings,
  { value, path }: { value: number; path: SettingPath },
): void {
  const max = output.place.table === "coil" ? 1 : 0xffff;
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  fault(at, path, `${value} cannot be written to ${output.place.table} ${output.id}: 0 to ${max}`);
}

function resolveFeedback(
  at: Resolving,
  raw: OutputDraft,
  { path, connections }: { path: SettingPath; connections: readonly ConnectionSettings[] },
): OutputSettings["feedback"] {
  if (raw.feedback?.read === undefined) return undefined;
  const wire = resolveWire(at, raw.feedback.read, {
    path: [...path, "feedback", "read"],
    connections,
  });
  if (!wire) return undefined;
  const { within = 0, inverted } = raw.feedback;
  return { ...wire, withinMs: within, inverted };
}

function resolveSecondary(
  at: Resolving,
  name: string | undefined,
  { path, id, ids }: { path: SettingPath; id: string; ids: readonly string[] },
): number | undefined {
  if (name === undefined) return undefined;
  if (name === id) return fault(at, [...path, "secondary"], `${id} cannot be its own second path`);
  const index = ids.indexOf(name);
  if (index >= 0) return index;
  return unknownName(at, [...path, "secondary"], { what: "output", name, names: ids });
}

function resolveWire(
  at: Resolving,
  text: string | undefined,
  { path, connections }: { path: SettingPath; connections: readonly ConnectionSettings[] },
): { connection: number; unit: number; place: Place } | undefined {
  if (text === undefined) return undefined;
  const wire = parseWirePlace(text);
  if (!wire.ok) return fault(at, path, wire.text);
  const connection = connections.find((c) => c.id === wire.connection);
  if (connection && !isModbus(connection.type)) {
    return fault(
      at,
      path,
      `${connection.id} is of type ${connection.type}, which has no coils and registers; name a Modbus connection`,
    );
  }
  if (connection) return { connection: connection.index, unit: wire.unit, place: wire.place };
  const names = connections.map((c) => c.id);
  return unknownName(at, path, { what: "connection", name: wire.connection, names });
}
