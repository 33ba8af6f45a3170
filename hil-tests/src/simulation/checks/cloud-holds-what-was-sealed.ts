/** The cloud has each minute that the fog sealed, reading for reading, once. */
import type { Check } from "../check.ts";
import { clockText } from "../clock-text.ts";
import type { CloudReader } from "../cloud-reader.ts";
import { historyOf } from "./history-holds-each-reading-once.ts";

/** The fog's events and the cloud's are compared by the same reader: see events-come-once.ts. */
export function cloudHoldsWhatWasSealed(reader: CloudReader): Check {
  return {
    name: "cloudHoldsWhatWasSealed",
    hourly: async ({ world }) => {
      const { cloud } = world.cloud;
      if (!cloud) return undefined;
      await reader.catchUp(cloud);
      return reader.problems[0];
    },
    atEnd: async ({ world }) => {
      const core = world.fog.fog?.core;
      const span = core?.historian.span();
      const { cloud } = world.cloud;
      if (!core || !span || !cloud) return "a tier is missing";
      await cloud.settled();
      await reader.catchUp(cloud);
      let broken: string | undefined;
      historyOf(core.historian.reader).walk(span, (minuteMs, columns) => {
        const sealed = [...columns.values()].reduce((sum, { timesMs }) => sum + timesMs.length, 0);
        const received = reader.minutes.get(minuteMs) ?? 0;
        if (sealed !== received) {
          const minute = clockText(minuteMs - world.startMs);
          broken ??= `minute ${minute}: ${sealed} at the fog, ${received} in the cloud`;
        }
      });
      return reader.problems[0] ?? broken;
    },
  };
}
