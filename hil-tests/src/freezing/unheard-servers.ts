/** A fog or a cloud that hangs or is gone, and a line between them that is cut. */
import {
  type Expectation,
  expectation,
  isAbout,
  linesWith,
  onceBack,
  pageOf,
  problemMetrics,
  problemsOf,
  whileSilent,
} from "./expectation.ts";
import { promised, type Within } from "./promises.ts";
import { metric } from "./surfaces.ts";

export const serverSilent = (pages: "dashboard" | "console"): readonly Expectation[] => [
  expectation({
    due: whileSilent(promised.band),
    where: pages,
    says: "a band over everything: the server is silent",
    saw: ({ seen }) => seen[pages].map(({ path, band }) => ({ path, band })),
    holds: (read) =>
      read.length > 0 &&
      read.every(({ band }) => /The server (?:is silent since|has not answered)/.test(band)),
  }),
  expectation({
    due: whileSilent(promised.band),
    where: pages,
    says: "no page goes on as if it were loading",
    saw: ({ seen }) => seen[pages].filter(({ isLoading }) => isLoading),
    holds: (loading) => loading.length === 0,
  }),
];

/** What the server's own command says of it. */
export const serverAsked = (tier: "fog" | "cloud", within: Within): Expectation =>
  expectation({
    due: whileSilent(within),
    where: `weir-${tier} status`,
    says: "that a frozen one does not answer, and of a killed one that none runs",
    isLast: true,
    saw: ({ seen }) => seen.commands.get(tier),
    holds: (said, { row }) =>
      said !== undefined &&
      said.code !== 0 &&
      (row.way === "frozen" ? /has not answered for/ : /no (?:weir-)?(?:fog|cloud) answers/).test(
        said.text,
      ),
  });

export const fogSilent: readonly Expectation[] = [
  ...serverSilent("dashboard"),
  serverAsked("fog", promised.edgeLink),
];

/** The fog is not heard by its edges. */
export const fogUnheard: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.edgeLink),
    where: "edge /status.json",
    says: "no live link to the fog",
    saw: ({ seen }) => [...seen.edges].map(([id, { said }]) => ({ id, link: said?.link.state })),
    holds: (links) => links.every(({ link }) => link !== undefined && link !== "live"),
  }),
  expectation({
    due: whileSilent(promised.edgeLink),
    where: "edge /metrics",
    says: "the link is down",
    saw: ({ seen }) =>
      [...seen.edges.values()].map(({ metrics }) => metric(metrics, "weir_edge_link_up")),
    holds: (up) => up.every((value) => value === 0),
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "edge /status.json",
    says: "the link to the fog is live again",
    saw: ({ seen }) => [...seen.edges].map(([id, { said }]) => ({ id, link: said?.link.state })),
    holds: (links) => links.length > 0 && links.every(({ link }) => link === "live"),
  }),
];

export const cloudSilent: readonly Expectation[] = [
  ...serverSilent("console"),
  serverAsked("cloud", promised.cloudUnheard),
];

/** The cloud is not heard by the fog. */
export const cloudUnheard: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.cloudUnheard),
    where: "fog /healthz",
    says: "the cloud is not reached, since it fell silent",
    saw: ({ seen }) => problemsOf(seen.fogHealthz).filter(({ code }) => code === "cloud-offline"),
    holds: (found, scene) => found.length === 1 && isAbout(found[0]?.sinceMs, scene),
  }),
  expectation({
    due: whileSilent(promised.cloudUnheard),
    where: "fog /api/plant",
    says: "cloud offline",
    saw: ({ seen }) => seen.fog?.plant.health.cloud,
    holds: (cloud) => cloud === "offline",
  }),
  expectation({
    due: whileSilent(promised.cloudUnheard),
    where: "weir-fog status",
    isLast: true,
    says: "the cloud has not been reached",
    saw: ({ seen }) => seen.commands.get("fog")?.text,
    holds: (text) => /cloud has not been reached for/.test(text ?? ""),
  }),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "fog /api/plant, /healthz",
    says: "the cloud is reached again, and no problem any more",
    saw: ({ seen }) => ({
      cloud: seen.fog?.plant.health.cloud,
      problems: problemsOf(seen.fogHealthz).filter(({ code }) => code === "cloud-offline"),
    }),
    holds: ({ cloud, problems }) => cloud === "online" && problems.length === 0,
  }),
];

export const cloudLogs: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.cloudUnheard),
    where: "fog log",
    says: "the cloud is not reached",
    saw: ({ logOf }) => linesWith(logOf("fog"), "reached"),
    holds: (lines) => /cloud (?:has not been|cannot be) reached/.test(lines.join()),
  }),
  expectation({
    due: whileSilent(promised.cloudUnheard),
    where: "fog /metrics",
    says: "the problem by its code",
    saw: ({ seen }) => problemMetrics(seen.fogMetrics, "fog"),
    holds: (lines) => lines.some((line) => line.includes("cloud-offline")),
  }),
];

/** The site is not heard by the cloud. */
export const siteUnheard: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "cloud /healthz",
    says: "the site is silent, since it was heard last",
    saw: ({ seen }) => problemsOf(seen.cloudHealthz).filter(({ code }) => code === "site-silent"),
    holds: (found, scene) => found.length === 1 && isAbout(found[0]?.sinceMs, scene),
  }),
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "cloud /api/fleet",
    says: "the site is not online, and none of its edges",
    saw: ({ seen }) =>
      seen.cloud?.sites.map(({ online, edges }) => ({ online, edges: edges.map((e) => e.online) })),
    holds: (sites) =>
      sites?.every(({ online, edges }) => !online && edges.every((up) => !up)) === true,
  }),
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "console",
    says: "not heard since",
    saw: ({ seen }) => pageOf(seen.console, ""),
    holds: (text) => /not heard since/.test(text),
  }),
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "weir-cloud status",
    isLast: true,
    says: "ends with 1 and names the site as silent",
    saw: ({ seen }) => seen.commands.get("cloud"),
    holds: (said) => said?.code === 1 && /site \S+ is silent/.test(said.text),
  }),
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "cloud /metrics",
    says: "the problem by its code",
    saw: ({ seen }) => problemMetrics(seen.cloudMetrics, "cloud"),
    holds: (lines) => lines.some((line) => line.includes("site-silent")),
  }),
  expectation({
    due: whileSilent(promised.siteUnheard),
    where: "cloud log",
    says: "the site is silent",
    saw: ({ logOf }) => linesWith(logOf("cloud"), "is silent"),
    holds: (lines) => /site \S+ is silent/.test(lines.join()),
  }),
  expectation({
    due: onceBack(promised.cloudBack),
    where: "cloud /api/fleet, /healthz",
    says: "the site is heard again, and no problem any more",
    saw: ({ seen }) => ({
      online: seen.cloud?.sites.map(({ online }) => online),
      problems: problemsOf(seen.cloudHealthz).filter(({ code }) => code === "site-silent"),
    }),
    holds: ({ online, problems }) => online?.every((is) => is) === true && problems.length === 0,
  }),
];
