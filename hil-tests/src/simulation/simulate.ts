/** A run: a world, its faults, what people do, and the promises that are checked all along. */
import { HilFault } from "../faults.ts";
import { Agenda } from "./agenda.ts";
import type { Check, Checked } from "./check.ts";
import { cloudHoldsWhatWasSealed } from "./checks/cloud-holds-what-was-sealed.ts";
import { commandsConverge } from "./checks/commands-converge.ts";
import { eventsComeOnce } from "./checks/events-come-once.ts";
import { fogHoldsWhatWasDelivered } from "./checks/fog-holds-what-was-delivered.ts";
import { historyHoldsEachReadingOnce } from "./checks/history-holds-each-reading-once.ts";
import { ledgerBalances } from "./checks/ledger-balances.ts";
import { noUnexplainedGap } from "./checks/no-unexplained-gap.ts";
import { panesHoldWhatWasThinned } from "./checks/panes-hold-what-was-thinned.ts";
import { clockText } from "./clock-text.ts";
import { CloudReader } from "./cloud-reader.ts";
import { FaultDriver } from "./fault-driver.ts";
import { Operator } from "./operator.ts";
import { type RunProfile, runProfiles } from "./run-options.ts";
import { World, type WorldOptions } from "./world.ts";

const hourMs = 3_600_000;
/** Everything that was held up must have arrived this long after the last fault, plant time. */
const settleHoursMax = 10;
/** Batches that may be on their way in a healthy loop. */
const batchesOnTheWayMax = 3;
/** How long buses are silent at the end, so that nothing is on its way any more. */
const silenceMs = hourMs / 2;

export interface Run {
  profile: RunProfile;
  /** Plant days under faults. */
  days: number;
  /** Outages at fixed times, besides those of chance; names as in `FaultDriver`. */
  planned?: readonly { name: string; atMs: number; forMs: number }[];
  /** Called after each plant-hour. */
  onHour?: (world: World) => void;
}

export interface Outcome {
  readings: number;
  /** Of which only panes came. */
  summarised: number;
  events: number;
  /** How often something broke. */
  faults: number;
  edgeBoots: number;
}

/** @throws Fault SIM_PROMISE_BROKEN */
export async function simulate(
  {
    definition,
    seed,
    folder,
    logger,
  }: Pick<WorldOptions, "definition" | "seed" | "folder" | "logger">,
  run: Run,
): Promise<Outcome> {
  const profile = runProfiles[run.profile];
  const world = await new World({
    ...profile,
    definition,
    seed,
    folder,
    ...(logger && { logger }),
  }).start();
  const agenda = new Agenda();
  const { faults } = profile;
  const driver = new FaultDriver(world, agenda, { seed, faults });
  const operator = new Operator(world, agenda, seed);
  const reader = new CloudReader();
  const checks: Check[] = [
    ledgerBalances(),
    fogHoldsWhatWasDelivered,
    cloudHoldsWhatWasSealed(reader),
    historyHoldsEachReadingOnce,
    noUnexplainedGap,
    eventsComeOnce(reader),
    panesHoldWhatWasThinned(reader),
    commandsConverge(operator),
  ];
  const checked: Checked = { world, driver };
  const look = (when: "hourly" | "atEnd") => lookAt(checks, checked, { when, run });
  try {
    driver.start();
    operator.start();
    for (const { name, ...at } of run.planned ?? []) {
      driver.plan(name, { ...at, atMs: world.startMs + at.atMs });
    }
    for (let hour = 0; hour < run.days * 24; hour++) {
      await liveHour(world, agenda);
      await world.cloud.cloud?.settled();
      await look("hourly");
      run.onHour?.(world);
    }
    await driver.healAll();
    for (let hour = 0; hour < settleHoursMax && !(hour > 1 && isCaughtUp(world)); hour++) {
      operator.resetAll();
      await liveHour(world, agenda);
      await world.cloud.cloud?.settled();
      await look("hourly");
    }
    driver.silence();
    await world.advance(silenceMs);
    await look("atEnd");
    return {
      readings: reader.readingCount,
      summarised: reader.summarised,
      events: reader.events.size,
      faults: driver.downCount,
      edgeBoots: world.edges.reduce((sum, edge) => sum + edge.bootCount, 0),
    };
  } finally {
    await world.stop();
  }
}

async function liveHour(world: World, agenda: Agenda): Promise<void> {
  const endMs = world.clock.nowMs() + hourMs;
  while (world.clock.nowMs() < endMs) {
    await world.advance(Math.min(endMs, agenda.nextMs) - world.clock.nowMs());
    await agenda.keep(world.clock.nowMs());
  }
}

/** Everybody is connected and nobody has a backlog; what is wrong then is found by the checks. */
function isCaughtUp(world: World): boolean {
  const isEdgeDone = world.edges.every(({ edge }) => {
    const { link, outbox, control } = edge?.uplink.snapshot() ?? {};
    return (
      link?.state === "live" &&
      (outbox?.telemetryBatches ?? 0) <= batchesOnTheWayMax &&
      control?.latchedTrips.length === 0
    );
  });
  return isEdgeDone && (world.fog.fog?.core.health().cloudBacklog ?? 0) <= batchesOnTheWayMax;
}

async function lookAt(
  checks: readonly Check[],
  checked: Checked,
  { when, run }: { when: "hourly" | "atEnd"; run: Run },
): Promise<void> {
  for (const check of checks) {
    const why = await check[when]?.(checked);
    if (why === undefined) continue;
    const { world, driver } = checked;
    throw new HilFault("SIM_PROMISE_BROKEN", {
      check: check.name,
      at: clockText(world.elapsedMs),
      why,
      lately: driver.log
        .slice(-6)
        .map(({ atMs, what }) => `${clockText(atMs)} ${what}`)
        .join(", "),
      replay: replayOf(world.options, run),
    });
  }
}

/** Outages that a test planned besides those of chance are in its own file. */
export const replayOf = (
  { definition, seed }: WorldOptions,
  { days, profile, planned }: Run,
): string =>
  `npm run sim -- --plant ${definition.id} --seed ${seed} --days ${days} --profile ${profile}${planned ? " (and the planned outages of this test)" : ""}`;
