/** Everything that Weir shows of itself, read at one moment: answers, metrics, commands, log lines and pages. */
import type { FleetView } from "@weir/contracts/api/cloud.ts";
import type { EdgeView, IncidentView, PlantView } from "@weir/contracts/api/fog.ts";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import { startProgram } from "@weir/testing/child-process.ts";
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
}

const noAnswer: Answer = { status: 0, text: "" };

export interface PageText {
  /** What stands after "#/". */
  path: string;
  text: string;
  /** The band over everything while the server is not heard; "" without one. */
  band: string;
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

/** Asks; silence and refusal are an answer without a status. */
export async function ask(url: string, cookie = ""): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      headers: { cookie },
      signal: AbortSignal.timeout(answerMsMax),
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return noAnswer;
  }
}

async function askJson<T>(url: string, cookie = ""): Promise<T | undefined> {
  const { status, text } = await ask(url, cookie);
  return status === 200 ? (JSON.parse(text) as T) : undefined;
}

/** The address that a part has told; "" where it has told none. */
export const addressOf = (loop: RealLoop, part: string, what: string): string =>
  String(
    loop.part(part).events.findLast((e) => e.event === "address" && e["what"] === what)?.["url"],
  );

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
    const { isLoading, ...read } = await page.evaluate<PageText & { isLoading: boolean }>(readNow);
    if (!isLoading || read.band !== "" || waitedMs >= loadMsMax) return { ...read, path };
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
  const at = (path: string) => new URL(path, addressOf(loop, edge, "status")).href;
  const [healthz, metrics, said] = await Promise.all([
    ask(at("/healthz")),
    ask(at("/metrics")),
    askJson<EdgeSurfaces["said"]>(at("/status.json")),
  ]);
  return { healthz, metrics, said };
}

/** `weir-… status` on the data folder of a part, as people type it. */
async function statusCommand(
  loop: RealLoop,
  part: string,
): Promise<[part: string, said: { code: number; text: string }]> {
  const program = loop.edgeIds.includes(part) ? "weir-edge" : `weir-${part}`;
  const started = startProgram({
    program,
    args: ["status", "--data-dir", loop.path(part)],
  });
  loop.pids.push(started.pid);
  const code = await started.exited;
  return [part, { code, text: `${started.text()}${started.stderr()}` }];
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
  const fogAt = (path: string) => new URL(path, addressOf(loop, "fog", "dashboard")).href;
  const cloudAt = (path: string) => new URL(path, addressOf(loop, "cloud", "console")).href;
  const parts = [...loop.edgeIds, "fog", "cloud"];
  const [plant, edgeViews, incidents, fleet, answers, edges] = await Promise.all([
    askJson<PlantView>(fogAt("/api/plant"), fog.cookie),
    askJson<EdgeView[]>(fogAt("/api/edges"), fog.cookie),
    askJson<IncidentView[]>(fogAt("/api/incidents?state=all&limit=200"), fog.cookie),
    askJson<FleetView>(cloudAt("/api/fleet"), cloud.cookie),
    Promise.all([
      ask(fogAt("/healthz")),
      ask(fogAt("/metrics")),
      ask(cloudAt("/healthz")),
      ask(cloudAt("/metrics")),
    ]),
    Promise.all(loop.edgeIds.map(async (id) => [id, await edgeSurfaces(loop, id)] as const)),
  ]);
  const [fogHealthz, fogMetrics, cloudHealthz, cloudMetrics] = answers;
  const dashboard = what.pages
    ? readPages(fog, [...dashboardPaths, ...what.stages.map((id) => `stage/${id}`)])
    : [];
  const console = what.pages ? readPages(cloud, consolePaths) : [];
  const read = { dashboard: await dashboard, console: await console };
  // After the pages: four programs that start keep a small machine busy.
  const commands = what.commands ? parts.map((part) => statusCommand(loop, part)) : [];
  return {
    atMs,
    fog: plant && edgeViews && incidents && { plant, edges: edgeViews, incidents },
    ...{ fogHealthz, fogMetrics, cloudHealthz, cloudMetrics },
    cloud: fleet,
    edges: new Map(edges),
    commands: new Map(await Promise.all(commands)),
    ...read,
  };
}

/** The value of a metric without labels; undefined where it is not there. */
export function metric({ text }: Answer, name: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
