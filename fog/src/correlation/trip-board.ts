/** Trips as the edges report them: cause, outputs with their feedback, latched or not. */

import type { TripView } from "@weir/contracts/api/fog.ts";
import { labelOr } from "@weir/contracts/enum-labels.ts";
import type { EdgeStatus, OutputStatus } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { type Event, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";

const outcomes: Record<OutputOutcome, TripView["outputs"][number]["outcome"]> = {
  [OutputOutcome.UNSPECIFIED]: "written",
  [OutputOutcome.WRITTEN]: "written",
  [OutputOutcome.VERIFIED]: "verified",
  [OutputOutcome.FAILED]: "failed",
  [OutputOutcome.SECOND_PATH]: "second-path",
};

/** Of an outcome that this fog does not know nothing is confirmed. */
const outcomeOf = (outcome: OutputOutcome): TripView["outputs"][number]["outcome"] =>
  labelOr(outcomes, outcome, "written");

/** What the edges have told of a trip; the rest of its view depends on when it is looked at. */
export type Trip = Omit<
  TripView,
  "outcome" | "outcomeText" | "freshness" | "resettable" | "resetBlockedBy"
>;

export class TripBoard {
  readonly #trips = new Map<string, Trip>();

  /** Folds one event of `edge` in; other kinds change nothing. */
  take(edge: string, event: Event): void {
    const { body, atMs } = event;
    if (body.case === "trip") {
      const { rule, stage, tag, cause, value, limit, firstOut, simulated, writtenAfterMs } =
        body.value;
      const commanded = body.value.outputs.map((output) => ({
        ...{ output, state: "safe state", outcome: "written" as const, atMs },
        ...{ afterMs: 0, detail: "" },
      }));
      this.#trips.set(`${edge}/${rule}`, {
        edge,
        rule,
        stage,
        tag: `${edge}/${tag}`,
        cause,
        value,
        limit,
        atMs,
        firstOut,
        simulated,
        writtenAfterMs,
        outputs: commanded,
        latched: true,
      });
    } else if (body.case === "output") {
      const trip = this.#trips.get(`${edge}/${body.value.rule}`);
      if (!trip) return;
      const { output, state, outcome, afterMs, detail, again } = body.value;
      const said = { output, state, outcome: outcomeOf(outcome), afterMs, detail, atMs };
      noteSaid(trip, said, again);
    } else if (body.case === "waveform") {
      const trip = this.#trips.get(`${edge}/${body.value.rule}`);
      if (trip) trip.waveform = event.id;
    } else if (body.case === "tripReset" && body.value.accepted) {
      this.#release(edge, body.value.rule);
    }
  }

  /** The edge's own list of latched rules has the last word, also on those whose event never came. */
  reconcile(edge: string, status: EdgeStatus): void {
    for (const rule of status.latchedTrips) {
      const key = `${edge}/${rule}`;
      if (!this.#trips.has(key)) this.#trips.set(key, untold(edge, rule, status.atMs));
    }
    for (const trip of this.#trips.values()) {
      if (trip.edge !== edge || trip.atMs > status.atMs) continue;
      trip.latched = status.latchedTrips.includes(trip.rule);
      for (const output of status.outputs) if (output.rule === trip.rule) noteOutput(trip, output);
    }
  }

  of(edge: string, rule: string): Trip | undefined {
    return this.#trips.get(`${edge}/${rule}`);
  }

  /** Latched first, then newest first. */
  list(): Trip[] {
    return [...this.#trips.values()].sort(
      (a, b) => Number(b.latched) - Number(a.latched) || b.atMs - a.atMs,
    );
  }

  #release(edge: string, rule: string): void {
    const trip = this.#trips.get(`${edge}/${rule}`);
    if (trip) trip.latched = false;
  }
}

const untoldCause = "latched by the word of its edge, whose report of the trip has not come here";

/** Of a trip that the edge lists as latched and has not told of: who, and since when it is known here. */
const untold = (edge: string, rule: string, atMs: number): Trip => ({
  ...{ edge, rule, atMs, stage: "", tag: "", cause: `${rule}: ${untoldCause}` },
  ...{ value: Number.NaN, limit: Number.NaN, firstOut: false, simulated: false },
  ...{ writtenAfterMs: Number.NaN, outputs: [], latched: true },
});

/** Nothing is known of it but that it is latched. */
export const isUntold = ({ tag }: Pick<Trip, "tag">): boolean => tag === "";

/** The edge's newest word on one of its outputs, unless an event has said more since. */
function noteOutput(trip: Trip, status: OutputStatus): void {
  const known = trip.outputs.find(({ output }) => output === status.output);
  if (known && known.atMs > status.sinceMs) return;
  const { output, state, outcome, detail, sinceMs: atMs } = status;
  const afterMs = Math.max(0, atMs - trip.atMs);
  noteSaid(trip, { output, state, outcome: outcomeOf(outcome), detail, afterMs, atMs });
}

/** The first confirmation of an order stands; that it was lost since is told beside it. */
function noteSaid(trip: Trip, said: Trip["outputs"][number], again = false): void {
  const before = trip.outputs.find(({ output }) => output === said.output);
  const known = before?.state === said.state ? before : undefined;
  // A later one counts since the loss, not since the trip.
  const first = said.outcome === "verified" && !again ? said.afterMs : undefined;
  const isLost = known?.outcome === "verified" && said.outcome !== "verified";
  const next = {
    ...said,
    confirmedAfterMs: known?.confirmedAfterMs ?? first,
    lostAtMs: isLost ? said.atMs : known?.lostAtMs,
  };
  trip.outputs = [...trip.outputs.filter(({ output }) => output !== said.output), next];
}
