/** Edges that the fog does not hear, and devices that do not answer their edge. */
import {
  brief,
  type Expectation,
  expectation,
  isAbout,
  linesWith,
  onceBack,
  openOf,
  pageOf,
  problemsOf,
  whileSilent,
} from "./expectation.ts";
import { promised } from "./promises.ts";
import { metric, noAnswer } from "./surfaces.ts";

/** An edge that the fog does not hear, for whatever reason. */
export const unheardEdge: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog /api/edges",
    says: "the edge is silent, last heard when it was, with the reason",
    saw: ({ seen, freezer }) => {
      const edge = seen.fog?.edges.find(({ id }) => id === freezer.edge);
      return edge && { ...brief(edge.freshness), protection: edge.protection };
    },
    holds: (saw, scene) =>
      saw?.state === "silent" &&
      saw.reason.includes(scene.freezer.edge) &&
      isAbout(saw.heardAtMs, scene) &&
      saw.protection.includes("cannot be seen from here"),
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog /api/plant",
    says: "its stages are blind without a score, its key figures silent",
    saw: ({ seen, freezer }) => ({
      stages: (seen.fog?.plant.stages ?? [])
        .filter(({ id }) => freezer.ownStages.includes(id))
        .map(({ id, sight, score, freshness }) => ({ id, sight, score, fresh: freshness.state })),
      kpis: (seen.fog?.plant.kpis ?? [])
        .filter(({ id }) => freezer.ownKpis.includes(id))
        .map(({ id, quality, freshness }) => ({ id, quality, fresh: freshness.state })),
    }),
    holds: ({ stages, kpis }) =>
      stages.length > 0 &&
      stages.every(
        ({ sight, score, fresh }) => sight === "blind" && score === null && fresh === "silent",
      ) &&
      kpis.every(({ quality, fresh }) => quality === "bad" && fresh === "silent"),
  }),
  expectation({
    due: whileSilent(promised.curve),
    where: "fog /api/plant",
    says: "the curves of its key figures end now, with a gap",
    saw: ({ seen, freezer }) =>
      (seen.fog?.plant.kpis ?? [])
        .filter(({ id }) => freezer.ownKpis.includes(id))
        .map(({ id, spark }) => ({ id, end: spark.slice(-30) })),
    holds: (kpis) => kpis.every(({ end }) => end.every((value) => value === null)),
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog /api/incidents",
    says: "exactly one incident names the silent edge",
    saw: (scene) => openOf(scene, "edge-silent").map(({ edge, headline }) => ({ edge, headline })),
    holds: (open, { freezer, row }) =>
      row.part === "link-to-fog"
        ? new Set(open.map(({ edge }) => edge)).size === open.length &&
          open.length === freezer.loop.edgeIds.length
        : open.length === 1 && open[0]?.edge === freezer.edge,
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog /healthz",
    says: "not ok, with the edge's silence and since when",
    saw: ({ seen }) => ({ status: seen.fogHealthz.status, problems: problemsOf(seen.fogHealthz) }),
    holds: ({ status, problems }, scene) => {
      const found = problems.find(
        ({ code, subject }) => code === "edge-silent" && subject === scene.freezer.edge,
      );
      return (
        status === 503 &&
        found !== undefined &&
        found.sinceMs >= scene.silentSinceMs - scene.toleranceMs &&
        found.sinceMs <= scene.seen.atMs + scene.toleranceMs
      );
    },
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog /metrics",
    says: "edges heard, and ok, are down",
    saw: ({ seen }) => ({
      heard: metric(seen.fogMetrics, "weir_fog_edges_heard"),
      ok: metric(seen.fogMetrics, "weir_fog_ok"),
    }),
    holds: ({ heard, ok }, { freezer, row }) =>
      heard === (row.part === "link-to-fog" ? 0 : freezer.loop.edgeIds.length - 1) && ok === 0,
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "weir-fog status",
    isLast: true,
    says: "ends with 1 and names the edge as silent",
    saw: ({ seen }) => seen.commands.get("fog"),
    holds: (said, { freezer }) =>
      said?.code === 1 && said.text.includes(`${freezer.edge}: silent: `),
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog events",
    says: "an incident of the silence has been reported",
    saw: ({ eventsOf }) =>
      eventsOf("fog")
        .filter((e) => e.event === "incident" && `${e["headline"]}`.includes("is silent"))
        .map((e) => e["headline"]),
    holds: (lines, { freezer }) => lines.some((line) => `${line}`.includes(freezer.edge)),
  }),
  expectation({
    due: whileSilent(promised.unheard),
    where: "fog log",
    says: "the problem, with its code",
    saw: ({ logOf }) => linesWith(logOf("fog"), "edge-silent"),
    holds: (lines, { freezer }) => lines.some((line) => line.includes(freezer.edge)),
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "fog /api/incidents",
    says: "the incident of the silence is closed, with its evidence",
    saw: ({ seen, freezer, silentSinceMs }) =>
      (seen.fog?.incidents ?? [])
        .filter(({ kind, edge }) => kind === "edge-silent" && edge === freezer.edge)
        .filter(({ openedAtMs }) => openedAtMs >= silentSinceMs)
        .map(({ state, closedBy }) => ({ state, closedBy })),
    holds: (own, { freezer }) =>
      own.length === 1 && own[0]?.closedBy === `${freezer.edge} is heard again`,
  }),
  expectation({
    due: whileSilent(promised.unheardOnPage),
    where: "dashboard",
    says: "plant, edges and the stage say: not heard since",
    saw: ({ seen, freezer }) =>
      ["", "edges", `stage/${freezer.plant.runaway.stage}`]
        .filter((path) => !pageOf(seen.dashboard, path).includes("not heard since"))
        .map((path) => ({ path, text: pageOf(seen.dashboard, path).slice(0, 400) })),
    holds: (without) => without.length === 0,
  }),
];

/** What the edge's own command says of it. */
export const edgeAsked: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.unheard),
    where: "weir-edge status",
    says: "that a frozen edge does not answer, and of a killed one that none runs",
    isLast: true,
    saw: ({ seen, freezer }) => seen.commands.get(freezer.edge),
    holds: (said, { row }) =>
      said !== undefined &&
      said.code !== 0 &&
      said.text.includes(row.way === "frozen" ? "has not answered for" : "no edge answers"),
  }),
];

/** Connections of a silent device, or of a simulator that is frozen: the edge speaks, the plant does not. */
export const deviceSilent: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.connection),
    where: "edge /healthz",
    says: "not ok: the connection answers nothing, since when",
    saw: ({ seen, freezer }) => {
      const { healthz } = seen.edges.get(freezer.edge) ?? { healthz: undefined };
      return { status: healthz?.status, text: healthz?.text };
    },
    holds: ({ status, text }, { freezer }) => status === 503 && `${text}`.includes(freezer.gateway),
  }),
  expectation({
    due: whileSilent(promised.connection),
    where: "weir-edge status",
    isLast: true,
    says: "ends with 1 and names the connection",
    saw: ({ seen, freezer }) => seen.commands.get(freezer.edge),
    holds: (said, { freezer }) => said?.code === 1 && said.text.includes(freezer.gateway),
  }),
  expectation({
    due: whileSilent(promised.connection),
    where: "edge /metrics",
    says: "not ok, tags that are not good",
    saw: ({ seen, freezer }) => {
      const answer = seen.edges.get(freezer.edge)?.metrics ?? noAnswer;
      return { ok: metric(answer, "weir_edge_ok"), bad: metric(answer, "weir_edge_tags_not_good") };
    },
    holds: ({ ok, bad }) => ok === 0 && (bad ?? 0) > 0,
  }),
  expectation({
    due: whileSilent(promised.connection),
    where: "fog /api/incidents",
    says: "exactly one open incident names the silent connection",
    saw: (scene) =>
      openOf(scene, "link")
        .filter(
          ({ edge, headline }) =>
            edge === scene.freezer.edge && headline.includes(scene.freezer.gateway),
        )
        .map(({ headline }) => headline),
    holds: (open) => open.length === 1,
  }),
  expectation({
    due: whileSilent(promised.connection),
    where: "fog /api/edges",
    says: "the edge is live, and says itself that its connection is silent",
    saw: ({ seen, freezer }) => {
      const edge = seen.fog?.edges.find(({ id }) => id === freezer.edge);
      return { fresh: edge?.freshness.state, problems: edge?.problems.map(({ text }) => text) };
    },
    holds: ({ fresh, problems }, { freezer }) =>
      fresh === "live" && (problems ?? []).some((text) => text.includes(freezer.gateway)),
  }),
];

export const deviceLogs: readonly Expectation[] = [
  expectation({
    due: whileSilent(promised.connection),
    where: "edge log",
    says: "the connection that answers nothing",
    saw: ({ logOf, freezer }) => linesWith(logOf(freezer.edge), freezer.gateway),
    holds: (lines) => lines.length > 0,
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "fog /api/incidents",
    says: "incidents of its connections are closed, with their evidence",
    saw: (scene) => ({
      open: openOf(scene, "link").map(({ headline }) => headline),
      closed: (scene.seen.fog?.incidents ?? [])
        .filter(({ kind, state }) => kind === "link" && state === "closed")
        .map(({ closedBy }) => closedBy),
    }),
    holds: ({ open, closed }) =>
      open.length === 0 && closed.length > 0 && closed.every((by) => by !== ""),
  }),
];
