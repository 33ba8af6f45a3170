/** What is wrong with a tier or an edge, worst first, and since when. */
import type { HealthProblem } from "@weir/contracts/api/health.ts";
import { Glyph } from "./glyph.tsx";
import { siteNow } from "./site-clock.ts";
import { sinceAndAge } from "./time-format.ts";

/** Does the text name its subject already? "E1: PLC1 opens, …" is about "E1/PLC1", which is not to be read twice. */
export const namesItself = ({
  subject,
  text,
}: Pick<HealthProblem, "subject" | "text">): boolean => {
  const names = new Set(text.split(/[\s:;,()/]+/).map((word) => word.replace(/\.$/, "")));
  return subject.split("/").every((name) => names.has(name));
};

export function ProblemList({ problems, tz }: { problems: readonly HealthProblem[]; tz?: string }) {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map((problem) => (
        <li key={`${problem.code}/${problem.subject}`}>
          <Glyph severity={problem.severity} />
          <span class="grow">
            {problem.subject && !namesItself(problem) && <strong>{problem.subject} </strong>}
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
