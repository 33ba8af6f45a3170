/** Where a change of the configuration can have made a difference to what is read. */
import type { Configuration } from "../configuration/configuration.ts";
import { configurationDiff } from "../configuration/configuration-diff.ts";

/**
 * Ids of the connections that are not as they were, or on which a device, a tag or an output is not: on a
 * shared line each can silence another. Whatever falls silent elsewhere, the change is not why.
 */
export function touchedConnections(before: Configuration, after: Configuration): Set<string> {
  const places = new Map([...placesOf(before), ...placesOf(after)]);
  const moved = [...placesOf(before)].filter(([item, id]) => places.get(item) !== id);
  const touched = new Set(moved.flatMap(([item, id]) => [id, places.get(item) ?? id]));
  for (const { item } of configurationDiff(before, after)) {
    const id = places.get(item);
    if (id !== undefined) touched.add(id);
  }
  return touched;
}

/** The connection of each item as the differences name it. */
function placesOf({ connections, devices, tags, outputs }: Configuration): Map<string, string> {
  const idOf = (connection: number | undefined) => connections[connection ?? -1]?.id ?? "";
  return new Map([
    ...connections.map(({ id }): [string, string] => [`connection ${id}`, id]),
    ...devices.map((d): [string, string] => [`device ${d.id}`, idOf(d.connection)]),
    ...tags.map((t): [string, string] => [`tag ${t.id}`, idOf(devices[t.device]?.connection)]),
    ...outputs.map((o): [string, string] => [`output ${o.id}`, idOf(o.connection)]),
  ]);
}
