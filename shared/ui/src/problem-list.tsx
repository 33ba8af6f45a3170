/** What is wrong with a tier or an edge, worst first, and since when. */
import type { HealthProblem } from "@weir/contracts/api/health.ts";
import { Glyph } from "./glyph.tsx";
import { siteNow } from "./site-clock.ts";
import { sinceAndAge } from "./time-format.ts";

export function ProblemList({ problems, tz }: { problems: readonly HealthProblem[]; tz?: string }) {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map((problem) => (
        <li key={`${problem.code}/${problem.subject}`}>
          <Glyph severity={problem.severity} />
          <span class="grow">
            {problem.subject && <strong>{problem.subject} </strong>}
            {problem.text}
          </span>
          <span class="soft since">
            since {sinceAndAge(problem.sinceMs, siteNow.value ?? problem.sinceMs, tz)}
          </span>
        </li>
      ))}
    </ul>
  );
}
