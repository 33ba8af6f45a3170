/** A part that was put back from a backup: it says so everywhere, so do its neighbours, and nothing acknowledged is unmade. */
import {
  type Expectation,
  expectation,
  linesWith,
  onceBack,
  pageOf,
  problemMetrics,
  problemsOf,
  type Scene,
} from "./expectation.ts";
import { promised } from "./promises.ts";
import { type Answer, metric } from "./surfaces.ts";

/** The sentence that tells a restore. */
const restoreTold = /this state was restored from \S+ by robin at \S+: it is as of 2\d{3}-/;

const restoreIsLogged: Expectation = expectation({
  due: onceBack(promised.unheard),
  where: "its log",
  says: "that it was restored: from which backup, by whom, as of when",
  saw: ({ freezer, row }) =>
    linesWith(freezer.loop.part(freezer.processOf(row.part)).stderr(), "restored"),
  holds: (lines) => lines.some((line) => restoreTold.test(line)),
});

/** `code` is a problem of a tier whose sentence says so. */
const tells = (answer: Answer, code: string, words: RegExp): boolean =>
  problemsOf(answer).some((problem) => problem.code === code && words.test(problem.text));

/** What a server says of its own restore. */
const restoredServer = (tier: "fog" | "cloud"): readonly Expectation[] => [
  restoreIsLogged,
  expectation({
    due: onceBack(promised.unheard),
    where: `${tier} /healthz`,
    says: "the restore is a problem, with its sentence",
    saw: ({ seen }) => problemsOf(seen[`${tier}Healthz`]),
    holds: (_, { seen }) => tells(seen[`${tier}Healthz`], "integrity-restored", restoreTold),
  }),
  expectation({
    due: onceBack(promised.unheard),
    where: `${tier} /metrics`,
    says: "the restore is counted, and a problem by its code",
    saw: ({ seen }) => ({
      count: metric(seen[`${tier}Metrics`], `weir_${tier}_integrity_restored`),
      problems: problemMetrics(seen[`${tier}Metrics`], tier),
    }),
    holds: ({ count, problems }) =>
      (count ?? 0) > 0 && problems.some((line) => line.includes("integrity-restored")),
  }),
  expectation({
    due: onceBack(promised.unheardOnPage),
    where: tier === "fog" ? "dashboard /health" : "console /health",
    says: "the restore, with its sentence",
    saw: ({ seen }) => pageOf(tier === "fog" ? seen.dashboard : seen.console, "health"),
    holds: (text) => restoreTold.test(text),
  }),
];

/** Readings of each edge that the fog has acknowledged; it never has fewer. */
const keptReadings: Expectation = expectation({
  due: onceBack(promised.edgeBack),
  where: "fog /api/edges",
  says: "no fewer readings of any edge than before",
  saw: ({ seen, before }) =>
    (seen.fog?.edges ?? []).map(({ id, stored }) => ({
      ...{ id, stored },
      before: before.fog?.edges.find((edge) => edge.id === id)?.stored ?? 0,
    })),
  holds: (edges, { freezer }) =>
    edges.length === freezer.loop.edgeIds.length &&
    edges.every(({ stored, before }) => stored >= before),
});

const keptTrip: Expectation = expectation({
  due: onceBack(promised.edgeBack),
  where: "fog /api/edges",
  says: "the trip is still latched",
  saw: ({ seen, freezer }) => seen.fog?.edges.find(({ id }) => id === freezer.edge)?.latchedTrips,
  holds: (latched, { freezer }) => latched?.includes(freezer.plant.runaway.rule) === true,
});

export const restoredEdge: readonly Expectation[] = [
  restoreIsLogged,
  keptReadings,
  keptTrip,
  expectation({
    due: onceBack(promised.connection),
    where: "edge /status.json",
    says: "the restore, with its sentence",
    saw: ({ seen, freezer }) => seen.edges.get(freezer.edge)?.said?.health,
    holds: (health) => restoreTold.test(JSON.stringify(health) ?? ""),
  }),
  expectation({
    due: onceBack(promised.connection),
    where: "edge /metrics",
    says: "the restore is counted",
    saw: ({ seen, freezer }) => {
      const answer = seen.edges.get(freezer.edge)?.metrics;
      return answer && metric(answer, "weir_edge_integrity_restored");
    },
    holds: (count) => (count ?? 0) > 0,
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "fog /api/edges",
    says: "the edge says of itself that it was restored",
    saw: ({ seen, freezer }) => seen.fog?.edges.find(({ id }) => id === freezer.edge)?.problems,
    holds: (problems) => (problems ?? []).some(({ text }) => restoreTold.test(text)),
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "dashboard /health",
    says: "the edge says of itself that it was restored",
    saw: ({ seen }) => pageOf(seen.dashboard, "health"),
    holds: (text) => restoreTold.test(text),
  }),
];

export const restoredFog: readonly Expectation[] = [
  ...restoredServer("fog"),
  keptReadings,
  keptTrip,
  expectation({
    due: onceBack(promised.edgeBack),
    where: "fog log, /metrics",
    says: "which batches it had acknowledged after the backup, and has lost",
    saw: ({ seen, logOf }) => ({
      count: metric(seen.fogMetrics, "weir_fog_integrity_gap"),
      lines: linesWith(logOf("fog"), "delivered batches of readings"),
    }),
    holds: ({ count, lines }) =>
      (count ?? 0) > 0 && lines.some((line) => /readings \d+ to \d+ of boot \d+/.test(line)),
  }),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "cloud /healthz",
    says: "the site was set back",
    saw: ({ seen }) => problemsOf(seen.cloudHealthz),
    holds: (_, scene) => siteIsSetBack(scene),
  }),
];

const siteIsSetBack = ({ seen, freezer }: Scene): boolean =>
  problemsOf(seen.cloudHealthz).some(
    ({ code, subject }) => code === "integrity-set-back" && subject === freezer.plant.plant.site.id,
  );

export const restoredCloud: readonly Expectation[] = [
  ...restoredServer("cloud"),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "cloud /healthz",
    says: "which items it had acknowledged after the backup, and lacks",
    saw: ({ seen }) => problemsOf(seen.cloudHealthz),
    holds: (_, { seen }) =>
      tells(
        seen.cloudHealthz,
        "integrity-gap",
        /items \d+ to \d+ of \S+ had been acknowledged and are missing here/,
      ),
  }),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "fog /healthz, /metrics",
    says: "the cloud was set back; its items are sent again",
    saw: ({ seen }) => ({
      count: metric(seen.fogMetrics, "weir_fog_integrity_set_back"),
      problems: problemsOf(seen.fogHealthz),
    }),
    holds: ({ count }, { seen }) =>
      (count ?? 0) > 0 && tells(seen.fogHealthz, "integrity-set-back", /\d+ are sent again/),
  }),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "cloud /api/fleet",
    says: "all the items that it had acknowledged when it was killed",
    saw: ({ seen, freezer }) => ({
      acknowledged: freezer.itemsWhenKilled,
      now: seen.cloud?.ingest.logItems,
    }),
    holds: ({ acknowledged, now }) => acknowledged > 0 && now !== undefined && now >= acknowledged,
  }),
];
