/** What became of a trip's outputs: one fact with one wording, for trip card, incident, report and health. */

import type { TripView } from "@weir/contracts/api/fog.ts";
import { confirmedBy, unchecked } from "@weir/contracts/output-confirmation.ts";
import type { Trip } from "./trip-board.ts";

type Output = Trip["outputs"][number];

const rank: Record<Output["outcome"], number> = {
  verified: 0,
  written: 1,
  "second-path": 2,
  failed: 3,
};

export interface TripOutcome {
  outcome: TripView["outcome"];
  text: string;
}

/** The worst of the newest words on each output. */
export function outcomeOf({ latched, outputs }: Pick<Trip, "latched" | "outputs">): TripOutcome {
  if (!latched) return { outcome: "released", text: "reset; its outputs may move again" };
  const worst = outputs.toSorted((a, b) => rank[b.outcome] - rank[a.outcome])[0];
  if (!worst) return { outcome: "no-output", text: "it drives no output" };
  const named = outputs.filter(({ outcome }) => outcome === worst.outcome);
  return { outcome: worst.outcome, text: outcomeText(worst.outcome, named) };
}

export interface CutOff {
  /** When the first of its outputs was confirmed, plant time. */
  atMs: number;
  outputs: string[];
  /** The tag whose limit was passed: "edge-1/TANK1/PT01". */
  tag: string;
}

/** What a latched trip holds switched, by feedback; undefined where that is not confirmed, or no longer. */
export function cutOffOf(trip: Trip | undefined): CutOff | undefined {
  if (!trip || !["verified", "second-path"].includes(outcomeOf(trip).outcome)) return undefined;
  const times = trip.outputs.map(({ confirmedAfterMs, afterMs }) => confirmedAfterMs ?? afterMs);
  const outputs = trip.outputs.map(({ output }) => output);
  return { atMs: trip.atMs + Math.min(...times), outputs, tag: trip.tag };
}

function outcomeText(outcome: Output["outcome"], outputs: readonly Output[]): string {
  const names = outputs.map(({ output }) => output).join(", ");
  const states = outputs.map(({ output, state }) => `${output} ${state}`).join(", ");
  const details = outputs.flatMap(({ detail }) => (detail ? [detail] : [])).join("; ");
  const confirmations = [...new Set(outputs.map(({ detail }) => confirmedBy(detail)))];
  switch (outcome) {
    case "verified":
      return `${states}: confirmed by ${confirmations.join(" and ")}`;
    case "written":
      return `${states}: written, ${details.includes(unchecked) ? unchecked : "not confirmed yet"}`;
    case "second-path":
      return `${names} did not follow; the second path was driven${details ? ` (${details})` : ""}`;
    case "failed":
      return `TRIP FAILED: ${failedWords(outputs)}${details ? ` (${details})` : ""}; isolate locally`;
  }
}

/** What had been confirmed did follow, and is no longer so. */
function failedWords(outputs: readonly Output[]): string {
  const [lost, never] = [true, false].map((isLost) =>
    outputs
      .filter(({ confirmedAfterMs }) => (confirmedAfterMs !== undefined) === isLost)
      .map(({ output }) => output)
      .join(", "),
  );
  const parts = [never && `${never} did not follow`, lost && `${lost} was confirmed and then lost`];
  return parts.filter(Boolean).join("; ");
}
