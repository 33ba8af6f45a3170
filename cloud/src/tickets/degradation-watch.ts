/**
 * Looks at a stage's health after each scoring, and reports it to the desk when it is worth a ticket.
 * Before a site has described itself its imported past is not judged: a ticket that cannot name the
 * machine would have to be replaced by one that can.
 */
import type { HealthBook } from "../evaluation/health-book.ts";
import type { FleetBook } from "../fleet/fleet-book.ts";
import type { Historian } from "../historian/historian.ts";
import { dayMs } from "../limits.ts";
import { overSinceMs, stageFinding } from "./stage-finding.ts";
import type { TicketDesk } from "./ticket-desk.ts";

export interface DegradationWatchOptions {
  historian: Historian;
  health: HealthBook;
  fleet: FleetBook;
  desk: TicketDesk;
}

/** Days of health that a judgement looks back. */
const lookBackDays = 20;
/** A ticket nobody touched is withdrawn when the score stayed below this share of the line … */
const calmShare = 0.5;
/** … for this many hours. */
const calmHours = 72;

export function createDegradationWatch(options: DegradationWatchOptions) {
  const { historian, health, fleet, desk } = options;
  return async (site: string, stage: string, isLive: boolean): Promise<void> => {
    const newest = health.newest(site, stage);
    const model = fleet.model(site);
    if (!newest || !(model || isLive)) return;
    const points = health.points(site, stage, newest.atMs - lookBackDays * dayMs);
    const sinceMs = overSinceMs(points);
    if (sinceMs !== undefined) {
      desk.report(await stageFinding({ site, stage, points, sinceMs, model, historian }));
      return;
    }
    const recent = points.slice(-calmHours);
    const isCalm =
      recent.length === calmHours && recent.every((p) => p.score < calmShare * p.threshold);
    if (!isCalm) return;
    for (const ticket of desk.ofStage(site, stage)) {
      const isAutoencoder = ticket.detector.model.startsWith("autoencoder/");
      if (ticket.status !== "open" || !isAutoencoder) continue;
      desk.setStatus(ticket.id, {
        status: "cancelled",
        closeCode: "",
        notes: `the score stayed below half of its line for ${calmHours} hours`,
        by: "weir",
      });
    }
  };
}
