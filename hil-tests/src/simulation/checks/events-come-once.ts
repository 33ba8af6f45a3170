/** Each event of an edge is at the fog and in the cloud exactly once; none is missing in between. */
import type { Check } from "../check.ts";
import type { CloudReader } from "../cloud-reader.ts";

const allEvents = 1_000_000;

export function eventsComeOnce(reader: CloudReader): Check {
  return {
    name: "eventsComeOnce",
    atEnd: ({ world }) => {
      const stored = world.fog.fog?.core.ingest.events.newest(allEvents) ?? [];
      const numbers = new Map<string, number[]>();
      for (const { event } of stored) {
        const [edge, epoch, number] = event.id.split("/");
        const key = `${edge}/${epoch}`;
        numbers.set(key, [...(numbers.get(key) ?? []), Number(number)]);
      }
      for (const [key, list] of numbers) {
        const sorted = list.toSorted((a, b) => a - b);
        const gap = sorted.findIndex((number, i) => number !== i + 1);
        if (gap >= 0) return `of ${key} the fog has event ${sorted[gap]} where ${gap + 1} belongs`;
      }
      for (const { event } of stored) {
        const times = reader.events.get(event.id) ?? 0;
        if (times !== 1) return `event ${event.id} is in the cloud ${times} times`;
      }
      if (reader.events.size !== stored.length) {
        return `${reader.events.size} events in the cloud, ${stored.length} at the fog`;
      }
      return undefined;
    },
  };
}
