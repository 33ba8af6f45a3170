/** The thread that reads the past for pages ended or hung, and has not answered since. */
import type { Finding } from "@weir/runtime/health-monitor.ts";
import type { HistoryQueries } from "../historian/history-query.ts";

export function historyProblems({ trouble }: HistoryQueries): Finding[] {
  const why = trouble?.();
  if (why === undefined) return [];
  const text = `trends and stage pages cannot read the past: ${why}; the next question starts the reader again`;
  return [{ code: "history-reader", severity: "medium", subject: "", text }];
}
