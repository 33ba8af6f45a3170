/** What may not be said of the part that a row silences: where it is read, and from when on. */
import type { Scene } from "./expectation.ts";
import type { Freezer, Part } from "./freezer.ts";
import {
  type Claim,
  forbiddenAtCloud,
  forbiddenAtEdge,
  forbiddenAtFog,
  type Lie,
  liesIn,
} from "./no-lie.ts";
import { promised } from "./promises.ts";
import type { Forbidden } from "./row-judge.ts";
import type { PageText } from "./surfaces.ts";

/** Edges that the fog does not hear while that part is silent. */
export function unheardEdges(part: Part, { edge, loop }: Freezer): readonly string[] {
  if (part === "edge") return [edge];
  return part === "link-to-fog" ? loop.edgeIds : [];
}

export function silentConnections(
  part: Part,
  freezer: Freezer,
): readonly { edge: string; id: string }[] {
  if (part === "device") return [{ edge: freezer.edge, id: freezer.gateway }];
  if (part !== "simulator") return [];
  return freezer.plant.plant.gateways.map(({ edge, id }) => ({ edge, id }));
}

export function forbiddenOfRow(part: Part, freezer: Freezer): readonly Forbidden[] {
  const edges = unheardEdges(part, freezer);
  const connections = silentConnections(part, freezer);
  const ofEdges = freezer.loop.edgeIds.length;
  const isCloudUnheard = part === "cloud" || part === "link-to-cloud";
  const isFogUnheard = part === "fog" || part === "link-to-fog";
  const fogSays = (scene: Scene, claims: readonly Claim[]): Lie[] => [
    ...liesOnPages("dashboard", scene.seen.dashboard, claims),
    ...liesIn("weir-fog status", scene.seen.commands.get("fog")?.text ?? "", claims),
  ];
  const forbidden: Forbidden[] = [];
  if (part !== "fog") {
    const ofPlant = forbiddenAtFog({ edges, ofEdges, connections, cloud: false });
    const ofCloud = forbiddenAtFog({ edges: [], ofEdges, connections: [], cloud: isCloudUnheard });
    forbidden.push(
      { after: promised.unheardOnPage, liesIn: (scene) => fogSays(scene, ofPlant) },
      { after: promised.cloudUnheard, liesIn: (scene) => fogSays(scene, ofCloud) },
    );
  }
  forbidden.push({
    after: promised.connection,
    liesIn: (scene) => liesOfEdges(scene, connections),
  });
  if (isFogUnheard)
    forbidden.push({
      after: promised.edgeLink,
      liesIn: ({ seen }) =>
        freezer.loop.edgeIds.flatMap((id) =>
          liesIn(
            `weir-edge status of ${id}`,
            seen.commands.get(id)?.text ?? "",
            forbiddenAtEdge({ connections: [], fogUrl: "mqtts" }),
          ),
        ),
    });
  if (part === "fog" || part === "link-to-cloud")
    forbidden.push({
      after: promised.siteUnheard,
      liesIn: ({ seen }) => [
        ...liesOnPages("console", seen.console, forbiddenAtCloud),
        ...liesIn("weir-cloud status", seen.commands.get("cloud")?.text ?? "", forbiddenAtCloud),
      ],
    });
  return forbidden;
}

const liesOnPages = (of: string, pages: readonly PageText[], claims: readonly Claim[]): Lie[] =>
  pages.flatMap(({ path, text }) => liesIn(`${of} /${path}`, text, claims));

/** An edge whose connections are silent says neither that they are connected nor that all is well. */
function liesOfEdges({ seen }: Scene, connections: readonly { edge: string; id: string }[]): Lie[] {
  const lies: Lie[] = [];
  for (const [id, { said }] of seen.edges) {
    const own = connections.filter(({ edge }) => edge === id).map((one) => one.id);
    if (own.length === 0) continue;
    const claims = forbiddenAtEdge({ connections: own, fogUrl: undefined });
    lies.push(...liesIn(`weir-edge status of ${id}`, seen.commands.get(id)?.text ?? "", claims));
    if (said?.health.ok === true)
      lies.push({ where: `${id} /status.json`, words: "ok: true", about: own.join(", ") });
  }
  return lies;
}
