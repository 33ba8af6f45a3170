/**
 * Is the agent doing its work? The one read model of what is not well: status, status page, `/healthz`,
 * metrics, log and the message to the fog are made from it. A missing fog is no illness: the edge is made to
 * live without it.
 */
import type { Found } from "@weir/runtime/problem-memory.ts";
import type { Problem } from "../hand-over.ts";

export interface Health {
  /** No problem; there may be warnings. Not "all well": see `verdictOf`. */
  ok: boolean;
  /** The agent cannot do a part of its work; critical ones first, then the oldest. */
  problems: Problem[];
  /** What somebody should know or do, though the agent does its work. */
  warnings: Problem[];
}

export type Finding = Found<Problem>;

const rank: Record<Problem["severity"], number> = { critical: 0, problem: 1, warning: 2 };

export function healthOf(problems: readonly Problem[]): Health {
  const sorted = [...problems].sort(
    (a, b) => rank[a.severity] - rank[b.severity] || a.sinceMs - b.sinceMs,
  );
  const isWarning = ({ severity }: Problem) => severity === "warning";
  const real = sorted.filter((problem) => !isWarning(problem));
  return { ok: real.length === 0, problems: real, warnings: sorted.filter(isWarning) };
}

/** One sentence over everything; "all well" only where nothing at all is known against it. */
export function verdictOf({ ok, problems, warnings }: Health): string {
  const count = (list: readonly Problem[], what: string) =>
    `${list.length} ${what}${list.length === 1 ? "" : "s"}`;
  if (problems.some(({ code }) => code === "control-starting")) return "starting";
  if (!ok) return count(problems, "problem");
  return warnings.length === 0 ? "all well" : `no problem, ${count(warnings, "warning")}`;
}
