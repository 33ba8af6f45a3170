/** Plays one row: silence, what is seen while it lasts, its end, and what is seen then. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HilFault } from "../faults.ts";
import type { RealLoop } from "../processes/real-loop.ts";
import type { Phase, Row, Scene } from "./expectation.ts";
import type { Freezer } from "./freezer.ts";
import { forbiddenOfRow } from "./lies-of-row.ts";
import { hourMs, machineMs } from "./promises.ts";
import { type Finding, RowJudge } from "./row-judge.ts";
import { expectationsOf } from "./rows.ts";
import { readSurfaces, type Surfaces } from "./surfaces.ts";

const secondMs = 1_000;
/** Until everything has settled before a row, and until what was kept has been delivered after it. Real time. */
const settledWithinMs = 120_000;

/** @returns after how much plant time each promise was seen to be kept. @throws Fault FREEZE_BROKEN */
export async function playRow(freezer: Freezer, row: Row): Promise<RowJudge["times"]> {
  const { loop } = freezer;
  const { rate } = loop;
  const before = await standing(freezer);
  const words = wordsFromNow(loop);
  const resume = await freezer.silence(row.part, row.way);
  const silentSinceMs = loop.plantNowMs();
  const judge = new RowJudge({
    ...{ expectations: expectationsOf(row), forbidden: forbiddenOfRow(row.part, freezer), rate },
  });
  const watched = new WatchedRow(freezer, judge, {
    ...{ freezer, row, silentSinceMs, before, ...words },
    toleranceMs: 60 * secondMs + 5 * secondMs * rate,
  });
  try {
    // What is restored is silent for as long as it takes.
    if (row.way !== "restored") await watched.during("silent");
  } finally {
    await resume();
  }
  await watched.during("back");
  for (const edge of loop.edgeIds) await isDelivered(freezer, edge);
  if (judge.findings.length === 0) return judge.times;
  throw new HilFault("FREEZE_BROKEN", {
    title: `${freezer.plant.id}: ${row.part} ${row.way}`,
    table: tableOf(judge.findings, rate),
    screenshots: watched.screenshots,
  });
}

/** What each part logs and reports from now on; of one that is started again, everything. */
function wordsFromNow(loop: RealLoop): Pick<Scene, "logOf" | "eventsOf"> {
  const marks = new Map(
    loop.partNames.map((name) => {
      const process = loop.part(name);
      return [name, { process, logged: process.stderr().length, told: process.events.length }];
    }),
  );
  const markOf = (name: string) => {
    const mark = marks.get(name);
    return mark?.process === loop.part(name) ? mark : { logged: 0, told: 0 };
  };
  return {
    logOf: (name) => loop.part(name).stderr().slice(markOf(name).logged),
    eventsOf: (name) => loop.part(name).events.slice(markOf(name).told),
  };
}

/** All parts answer, and what has been done to the plant stands open at the fog. */
async function standing({ loop, watchers, standingKinds }: Freezer): Promise<Surfaces> {
  const nothingElse = { commands: false, pages: false, stages: [] };
  return loop.reach(
    `all parts answer, and there are open: ${standingKinds.join(", ")}`,
    () => readSurfaces(loop, watchers, nothingElse),
    {
      fits: ({ fog, cloud }) =>
        cloud !== undefined &&
        standingKinds.every((kind) =>
          fog?.incidents.some((one) => one.kind === kind && one.state === "open"),
        ),
      withinMs: settledWithinMs,
    },
  );
}

/** What an edge had read when everything was back arrives at the fog. */
async function isDelivered({ loop }: Freezer, edge: string): Promise<void> {
  const { acquired } = (await loop.edgeStatus(edge)).ledger;
  await loop.reach(`${edge} delivers what it has kept`, () => loop.edgeStatus(edge), {
    fits: ({ ledger }) => ledger.delivered + ledger.thinned >= acquired,
    withinMs: settledWithinMs,
  });
}

/** Looks again and again, and shows the judge what is seen. */
class WatchedRow {
  readonly #freezer: Freezer;
  readonly #judge: RowJudge;
  readonly #scene: Omit<Scene, "seen" | "phase">;
  /** Of all answers since the row began, real time: how busy the machine is. */
  #slowestMs = 0;
  /** A folder with the pages as they were when the first fault was seen. */
  screenshots = "";

  constructor(freezer: Freezer, judge: RowJudge, scene: Omit<Scene, "seen" | "phase">) {
    this.#freezer = freezer;
    this.#judge = judge;
    this.#scene = scene;
  }

  /** A silence lasts an hour of plant time, and until nothing is owed; what is back, until all of it is told. */
  async during(phase: Phase): Promise<void> {
    const { loop } = this.#freezer;
    const judge = this.#judge;
    const beganMs = loop.plantNowMs();
    const leastMs = phase === "silent" ? hourMs : 0;
    for (;;) {
      const sinceMs = loop.plantNowMs() - beganMs;
      const dueMs = judge.allDueMs(phase, machineMs(this.#slowestMs));
      const isLast = sinceMs >= Math.max(leastMs, dueMs);
      await this.#look(phase, { sinceMs, isLast });
      if (isLast || (phase === "back" && judge.isAllTold("back"))) return;
    }
  }

  async #look(phase: Phase, at: { sinceMs: number; isLast: boolean }): Promise<void> {
    const { loop, watchers, plant } = this.#freezer;
    const seen = await readSurfaces(loop, watchers, {
      commands: phase === "silent" && at.isLast,
      pages: true,
      stages: [plant.runaway.stage],
    });
    this.#slowestMs = Math.max(this.#slowestMs, seen.slowestMs);
    this.#judge.look({
      ...{ scene: { ...this.#scene, phase, seen }, machineMs: machineMs(this.#slowestMs) },
      ...at,
    });
    if (this.screenshots === "" && this.#judge.findings.length > 0)
      this.screenshots = await screenshots(this.#freezer);
  }
}

const tableOf = (findings: readonly Finding[], rate: number): string =>
  findings
    .map(({ phase, sinceMs, where, says, saw }) => {
      const at = `${phase} for ${Math.round(sinceMs / secondMs)} s (${(sinceMs / rate / secondMs).toFixed(1)} s real)`;
      return `  ${at} | ${where} | ${says}\n      saw: ${saw.slice(0, 1_500)}`;
    })
    .join("\n");

/** Kept after the test: its place is printed. */
async function screenshots({ watchers }: Freezer): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "weir-freezing-"));
  for (const [name, { page }] of Object.entries(watchers)) {
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
  return folder;
}
