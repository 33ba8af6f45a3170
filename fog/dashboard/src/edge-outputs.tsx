/** Every output of an edge: what it was ordered to, whether that is so, and since when. */

import type { OutputView } from "@weir/contracts/api/edge.ts";
import { confirmedBy } from "@weir/contracts/output-confirmation.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { counted } from "@weir/ui/words.ts";

const words: Record<OutputView["outcome"], string> = {
  "not-ordered": "not ordered since the agent started",
  pending: "being written, not known yet",
  written: "written, not confirmed",
  verified: "confirmed",
  failed: "NOT DRIVEN",
  "second-path": "driven by the second path",
};

export interface EdgeOutputsProps {
  outputs: readonly OutputView[];
  nowMs: number;
}

/** What is so of an output and since when; the moment only where it is known. */
export function outcomeWords({ outcome, detail, sinceMs }: OutputView, nowMs: number): string {
  const word = `${words[outcome]}${outcome === "verified" ? ` by ${confirmedBy(detail)}` : ""}`;
  if (sinceMs === null) return word;
  const moment = sinceAndAge(sinceMs, nowMs);
  return outcome === "not-ordered" ? `${word} at ${moment}` : `${word} since ${moment}`;
}

/** Nothing where the edge has no outputs. */
export function EdgeOutputs({ outputs, nowMs }: EdgeOutputsProps) {
  if (outputs.length === 0) return null;
  const worstFirst = outputs.toSorted(
    (a, b) => Number(b.outcome === "failed") - Number(a.outcome === "failed"),
  );
  return (
    <div>
      <h3>Outputs</h3>
      <ul class="rules">
        {worstFirst.map((one) => (
          <li key={one.output} class={one.outcome === "failed" ? "problem" : ""}>
            <strong>
              {one.output}
              {one.state && ` → ${one.state}`}
            </strong>{" "}
            {outcomeWords(one, nowMs)}
            {one.attempts > 0 && `, ${counted(one.attempts, "attempt")} came to nothing`}
            <span class="soft">
              {" "}
              {one.rule && `by ${one.rule}`}
              {one.held && ", held by its trip"}
              {one.detail && `: ${one.detail}`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
