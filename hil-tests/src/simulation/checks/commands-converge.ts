/** What was published last is what each edge runs, and all three tiers say so; no trip stays latched. */
import type { Check } from "../check.ts";
import type { Operator } from "../operator.ts";

export function commandsConverge(operator: Operator): Check {
  return {
    name: "commandsConverge",
    atEnd: ({ world }) => {
      const models = world.cloud.cloud?.registry.list() ?? [];
      for (const [edge, version] of operator.published) {
        const name = operator.nameOf(edge);
        const running = world
          .edge(edge)
          .edge?.uplink.snapshot()
          .artifacts.filter((one) => one.name === name)
          .map((one) => one.version);
        const newest = Math.max(0, ...(running ?? []));
        if (newest !== version) return `${edge} knows ${name}@${newest}, published was @${version}`;
        const active = world.edge(edge).edge?.uplink.snapshot().control?.thresholdsVersion;
        if (active !== version) return `${edge} runs ${name}@${active}, published was @${version}`;
        const places = models.find((one) => one.name === name && one.version === version)?.places;
        if (!places?.some(({ outcome }) => outcome === "active")) {
          return `the cloud does not know that ${edge} runs ${name}@${version}`;
        }
      }
      for (const { id, edge } of world.edges) {
        const latched = edge?.uplink.snapshot().control?.latchedTrips ?? [];
        if (latched.length > 0) return `${id} still has ${latched.join(", ")} latched`;
      }
      const shown = world.fog.watch?.trips.list().find((trip) => trip.latched);
      return shown && `the fog shows ${shown.rule} as latched`;
    },
  };
}
