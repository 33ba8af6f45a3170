/** Plays one row: silence, what is seen at each moment, the end of the silence, what is seen then. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";
import type { RealLoop } from "../processes/real-loop.ts";
import type { Moment, Row, Scene } from "./expectation.ts";
import type { Freezer, Part } from "./freezer.ts";
import { forbiddenAtCloud, forbiddenAtEdge, forbiddenAtFog, liesIn } from "./no-lie.ts";
import { expectationsOf } from "./rows.ts";
import { readSurfaces, type Surfaces } from "./surfaces.ts";

declareFaults({
  FREEZE_BROKEN: {
    retry: false,
    text: (f: { title: string; table: string; screenshots: string }) =>
      `${f.title}\n${f.table}\nscreenshots of all pages: ${f.screenshots}`,
  },
});

const secondMs = 1_000;
const hourMs = 3_600_000;
/** What the fog grants the way from an edge on a fast calendar, real time, and its own look once a second. */
const lateMs = 7_000;
/** A busy machine is late; what is never seen is still found. Real time. */
const patienceMs = 25_000;
const backPatienceMs = 90_000;

interface Finding {
  moment: Moment;
  where: string;
  says: string;
  saw: string;
}

export async function playRow(freezer: Freezer, row: Row, rate: number): Promise<void> {
  const { loop } = freezer;
  const nothingElse = { commands: false, pages: false, stages: [] };
  const before = await loop.reach(
    "all parts answer, and a trip is open",
    () => readSurfaces(loop, freezer.watchers, nothingElse),
    {
      fits: ({ fog, cloud }) =>
        cloud !== undefined &&
        fog?.incidents.some(({ kind, state }) => kind === "trip" && state === "open") === true,
      withinMs: backPatienceMs,
    },
  );
  const logged = new Map(loop.partNames.map((name) => [name, loop.part(name).stderr().length]));
  const logOf = (part: string) => loop.part(part).stderr().slice(logged.get(part));
  const resume = await freezer.silence(row.part, row.way);
  const silentSinceMs = loop.plantNowMs();
  const scene = {
    freezer,
    row,
    silentSinceMs,
    toleranceMs: 60 * secondMs + 5 * secondMs * rate,
    before,
    logOf,
  };
  const until: [moment: Moment, plantMs: number][] = [
    ["soon", 5 * secondMs * rate],
    ["minute", 60 * secondMs + lateMs * rate],
    ["hour", hourMs],
  ];
  const moments = row.way === "restored" ? [] : until;
  try {
    for (const [moment, plantMs] of moments) {
      const leftMs = (silentSinceMs + plantMs - loop.plantNowMs()) / rate;
      if (leftMs > 0) await loop.sleep(leftMs);
      await lookAt(moment, scene, patienceMs);
    }
  } finally {
    await resume();
  }
  await lookAt("back", scene, backPatienceMs);
  for (const edge of loop.edgeIds) await isDelivered(loop, edge);
}

/** What an edge had read when everything was back arrives at the fog. */
async function isDelivered(loop: RealLoop, edge: string): Promise<void> {
  const { acquired } = (await loop.edgeStatus(edge)).ledger;
  await loop.reach(`${edge} delivers what it has kept`, () => loop.edgeStatus(edge), {
    fits: ({ ledger }) => ledger.delivered + ledger.thinned >= acquired,
    withinMs: backPatienceMs,
  });
}

/** Looks until everything that is promised is seen; what is never seen, and each lie of the last look, is told. */
async function lookAt(moment: Moment, scene: Omit<Scene, "seen">, withinMs: number): Promise<void> {
  const { freezer, row } = scene;
  const { loop } = freezer;
  const endMs = loop.plantNowMs() + withinMs * loop.rate;
  for (;;) {
    const seen = await readSurfaces(loop, freezer.watchers, {
      commands: moment === "hour",
      pages: true,
      stages: [freezer.plant.runaway.stage],
    });
    const findings = [
      ...brokenPromises(moment, { ...scene, seen }),
      ...(moment === "soon" || moment === "back" ? [] : lies(moment, row.part, { freezer, seen })),
    ];
    if (findings.length === 0) return;
    if (loop.plantNowMs() < endMs) continue;
    throw new Fault("FREEZE_BROKEN", {
      title: `${freezer.plant.id}: ${row.part} ${row.way}, at ${moment}`,
      table: tableOf(findings),
      screenshots: await screenshots(freezer),
    });
  }
}

const brokenPromises = (moment: Moment, scene: Scene): Finding[] =>
  expectationsOf(scene.row)
    .filter(({ at }) => at.includes(moment))
    .flatMap(({ where, says, saw, holds }) => {
      const found = saw(scene);
      if (holds(found as never, scene)) return [];
      return [{ moment, where, says, saw: JSON.stringify(found) ?? "nothing" }];
    });

/** Edges that the fog does not hear while that part is silent. */
function unheardEdges(part: Part, { edge, loop }: Freezer): readonly string[] {
  if (part === "edge") return [edge];
  return part === "link-to-fog" ? loop.edgeIds : [];
}

function silentConnections(part: Part, freezer: Freezer) {
  const own = freezer.plant.plant.gateways;
  if (part === "device") return [{ edge: freezer.edge, id: freezer.gateway }];
  return part === "simulator" ? own.map(({ edge, id }) => ({ edge, id })) : [];
}

/** Whatever claims what cannot be known of parts that are silent. */
function lies(
  moment: Moment,
  part: Part,
  { freezer, seen }: { freezer: Freezer; seen: Surfaces },
): Finding[] {
  const edges = unheardEdges(part, freezer);
  const connections = silentConnections(part, freezer);
  const isHour = moment === "hour";
  const cloud = isHour && (part === "cloud" || part === "link-to-cloud");
  const atFog = forbiddenAtFog({ edges, ofEdges: freezer.loop.edgeIds.length, connections, cloud });
  const fogTexts =
    part === "fog"
      ? []
      : [
          ...seen.dashboard.map(({ path, text }) => [`dashboard /${path}`, text] as const),
          ["weir-fog status", seen.commands.get("fog")?.text ?? ""] as const,
        ];
  const found = fogTexts.flatMap(([where, text]) => liesIn(where, text, atFog));
  for (const [id, { said }] of seen.edges) {
    const own = connections.filter(({ edge }) => edge === id).map((one) => one.id);
    const fogUrl = isHour && (part === "fog" || part === "link-to-fog") ? "mqtts" : undefined;
    const text = seen.commands.get(id)?.text ?? "";
    found.push(
      ...liesIn(`weir-edge status of ${id}`, text, forbiddenAtEdge({ connections: own, fogUrl })),
    );
    if (own.length > 0 && said?.health.ok === true)
      found.push({ where: `${id} /status.json`, words: "ok: true", about: own.join(", ") });
  }
  if (isHour && (part === "fog" || part === "link-to-cloud")) {
    const texts = [
      ...seen.console.map(({ path, text }) => [`console /${path}`, text] as const),
      ["weir-cloud status", seen.commands.get("cloud")?.text ?? ""] as const,
    ];
    found.push(...texts.flatMap(([where, text]) => liesIn(where, text, forbiddenAtCloud)));
  }
  return found.map(({ where, words, about }) => ({
    moment,
    where,
    says: `no claim about ${about}`,
    saw: words,
  }));
}

const tableOf = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ moment, where, says, saw }) =>
        `  ${moment} | ${where} | ${says}\n      saw: ${saw.slice(0, 1_500)}`,
    )
    .join("\n");

/** Kept after the test: its place is printed. */
async function screenshots({ watchers }: Freezer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "weir-freezing-"));
  for (const [name, { page }] of Object.entries(watchers)) {
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
  return folder;
}
