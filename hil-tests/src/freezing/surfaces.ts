/** Everything that Weir shows of itself, read at one moment: answers, metrics, commands, log lines and pages. */
import type { FleetView } from "@weir/contracts/api/cloud.ts";
import type { EdgeView, IncidentView, PlantView } from "@weir/contracts/api/fog.ts";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { type ProgramEvent, startProgram } from "@weir/testing/child-process.ts";
import type { Page } from "playwright-core";
import type { RealLoop } from "../processes/real-loop.ts";

/** Longest wait for an answer, real time; a part that is frozen gives none. */
const answerMsMax = 8_000;

/** Longest wait for what a page loads by itself, real time. */
const loadMsMax = 15_000;
const lookEveryMs = 250;

export interface Answer {
  /** 0: none came. */
  status: number;
  text: string;
  /** Until it was here, real time; 0 where none came. */
  tookMs: number;
}

export const noAnswer: Answer = { status: 0, text: "", tookMs: 0 };

export interface PageText {
  /** What stands after "#/". */
  path: string;
  text: string;
  /** The band over everything while the server is not heard; "" without one. */
  band: string;
  /** It still says that it waits for what it shows. */
  isLoading: boolean;
  /** Until the browser had read it, real time. */
  tookMs: number;
}

export interface FogSurfaces {
  plant: PlantView;
  edges: EdgeView[];
  incidents: IncidentView[];
}

export interface EdgeSurfaces {
  healthz: Answer;
  metrics: Answer;
  /** What /status.json says. */
  said: { health: TierHealth; link: { state: string } } | undefined;
}

/** Parts that gave no answer are undefined, or have status 0. */
export interface Surfaces {
  /** Plant time at which they were begun to be read. */
  atMs: number;
  fog: FogSurfaces | undefined;
  fogHealthz: Answer;
  fogMetrics: Answer;
  cloud: FleetView | undefined;
  cloudHealthz: Answer;
  cloudMetrics: Answer;
  edges: ReadonlyMap<string, EdgeSurfaces>;
  /** Of "weir-… status", by program, for an edge by its id: exit code and what it printed. */
  commands: ReadonlyMap<string, { code: number; text: string }>;
  dashboard: readonly PageText[];
  console: readonly PageText[];
  /** The longest that an answer took which came, and that a browser took to read its page: real time. */
  slowestMs: number;
}

export const dashboardPaths = [
  "",
  "incidents",
  "incidents?show=suppressed",
  "trends",
  "edges",
  "events",
  "learning",
  "health",
];
export const consolePaths = ["", "tickets", "history", "learning", "training", "models", "health"];

const clock = systemClock();

/** Asks; silence, refusal and no address to ask at are an answer without a status. */
export async function ask(url: string | undefined, cookie = ""): Promise<Answer> {
  if (url === undefined) return noAnswer;
  const askedMs = clock.monotonicMs();
  try {
    const answer = await fetch(url, {
      headers: { cookie },
      signal: AbortSignal.timeout(answerMsMax),
    });
    const text = await answer.text();
    return { status: answer.status, text, tookMs: clock.monotonicMs() - askedMs };
  } catch {
    return noAnswer;
  }
}

/** What an answer of 200 holds. */
export const parsed = <T>({ status, text }: Answer): T | undefined =>
  status === 200 ? (JSON.parse(text) as T) : undefined;

/** What a part serves under `path`, at the address that it has told; undefined while it has told none. */
export function urlOf(
  loop: RealLoop,
  part: string,
  { what, path }: { what: string; path: string },
): string | undefined {
  const isTold = (e: ProgramEvent) => e.event === "address" && e["what"] === what;
  const told = loop.part(part).events.findLast(isTold)?.["url"];
  return told === undefined ? undefined : new URL(path, `${told}`).href;
}

/** A page as somebody reads it, without its record of what was told before. */
const readNow = `(() => {
  const main = document.querySelector("main");
  const copy = main.cloneNode(true);
  for (const past of copy.querySelectorAll(".story")) past.remove();
  document.body.append(copy);
  const text = copy.innerText;
  copy.remove();
  const bands = [...document.querySelectorAll(".unheard-band")];
  const isLoading = main.querySelector(".skeleton") !== null;
  return { text, isLoading, band: bands.map((band) => band.innerText).join(" ") };
})()`;

/** What a page loads by itself comes, unless it knows that its server gives no answer. */
export async function readPage(page: Page, path: string): Promise<PageText> {
  await page.goto(`${new URL(page.url()).origin}/#/${path}`);
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    // First of all, too: the address changes before the page does.
    await page.waitForTimeout(lookEveryMs);
    const askedMs = clock.monotonicMs();
    const read = await page.evaluate<Omit<PageText, "path" | "tookMs">>(readNow);
    const tookMs = clock.monotonicMs() - askedMs;
    if (!read.isLoading || read.band !== "" || waitedMs >= loadMsMax)
      return { ...read, path, tookMs };
  }
}

export interface Viewer {
  page: Page;
  cookie: string;
}

async function readPages(viewer: Viewer, paths: readonly string[]): Promise<PageText[]> {
  const read: PageText[] = [];
  for (const path of paths) read.push(await readPage(viewer.page, path));
  return read;
}

async function edgeSurfaces(loop: RealLoop, edge: string): Promise<EdgeSurfaces> {
  const at = (path: string) => urlOf(loop, edge, { what: "status", path });
  const [healthz, metrics, said] = await Promise.all([
    ask(at("/healthz")),
    ask(at("/metrics")),
    ask(at("/status.json")),
  ]);
  return { healthz, metrics, said: parsed(said) };
}

/** `weir-… status` on the data folder of a part, as people type it. */
async function statusCommand(
  loop: RealLoop,
  part: string,
): Promise<{ code: number; text: string }> {
  const program = loop.edgeIds.includes(part) ? "weir-edge" : `weir-${part}`;
  const started = startProgram({
    program,
    args: ["status", "--data-dir", loop.path(part)],
  });
  loop.pids.push(started.pid);
  const code = await started.exited;
  return { code, text: `${started.text()}${started.stderr()}` };
}

export interface Watchers {
  fog: Viewer;
  cloud: Viewer;
}

export interface ReadWhat {
  /** Also run the status commands: a process each. */
  commands: boolean;
  pages: boolean;
  /** Stages whose pages are read, too. */
  stages: readonly string[];
}

export async function readSurfaces(
  loop: RealLoop,
  { fog, cloud }: Watchers,
  what: ReadWhat,
): Promise<Surfaces> {
  const atMs = loop.plantNowMs();
  const fogAt = (path: string) => ask(urlOf(loop, "fog", { what: "dashboard", path }), fog.cookie);
  const cloudAt = (path: string) =>
    ask(urlOf(loop, "cloud", { what: "console", path }), cloud.cookie);
  const stages = what.stages.map((id) => `stage/${id}`);
  const [ofFog, ofCloud, edges, dashboard, console] = await Promise.all([
    Promise.all([
      fogAt("/api/plant"),
      fogAt("/api/edges"),
      fogAt("/api/incidents?state=all&limit=1000"),
      fogAt("/healthz"),
      fogAt("/metrics"),
    ]),
    Promise.all([cloudAt("/api/fleet"), cloudAt("/healthz"), cloudAt("/metrics")]),
    Promise.all(loop.edgeIds.map(async (id) => [id, await edgeSurfaces(loop, id)] as const)),
    what.pages ? readPages(fog, [...dashboardPaths, ...stages]) : [],
    what.pages ? readPages(cloud, consolePaths) : [],
  ]);
  const [plant, edgeViews, incidents, fogHealthz, fogMetrics] = ofFog;
  const [fleet, cloudHealthz, cloudMetrics] = ofCloud;
  // After the pages, and one by one: programs that start keep a small machine busy.
  const parts = [...loop.edgeIds, "fog", "cloud"];
  const commands = new Map<string, { code: number; text: string }>();
  if (what.commands) for (const part of parts) commands.set(part, await statusCommand(loop, part));
  const took = [...ofFog, ...ofCloud, ...dashboard, ...console].map(({ tookMs }) => tookMs);
  return {
    ...{ atMs, dashboard, console, slowestMs: Math.max(...took) },
    fog: fogSurfaces(parsed(plant), parsed(edgeViews), parsed(incidents)),
    ...{ fogHealthz, fogMetrics, cloudHealthz, cloudMetrics },
    cloud: parsed(fleet),
    edges: new Map(edges),
    commands,
  };
}

/** All three, or none: what a fog says is compared. */
const fogSurfaces = (
  plant: PlantView | undefined,
  edges: EdgeView[] | undefined,
  incidents: IncidentView[] | undefined,
): FogSurfaces | undefined => plant && edges && incidents && { plant, edges, incidents };

/** The value of a metric without labels; undefined where it is not there. */
export function metric({ text }: Answer, name: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
