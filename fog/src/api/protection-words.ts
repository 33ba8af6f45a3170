/** Whether an edge protects: only what it has said this moment, else that nobody here can know. */
import { ageWords } from "../freshness/freshness.ts";
import type { SiteFreshness } from "../freshness/site-freshness.ts";
import type { EdgeLink } from "../ingest/ingested.ts";

export function protectionWords({ edge, status }: EdgeLink, freshness: SiteFreshness): string {
  const seen = freshness.edge(edge);
  if (!status) return "it has not said yet whether it protects";
  if (!freshness.isStatusOfNow(edge)) {
    const age = seen.ageMs === null ? "" : `, last heard ${ageWords(seen.ageMs)} ago`;
    return `whether it protects cannot be seen from here${age}`;
  }
  const { safety, bypassedRules } = status;
  if (!safety) return "it says nothing of its protection";
  const lacks = [
    safety.blindRules.length > 0 ? `blind: ${safety.blindRules.join(", ")}` : "",
    safety.unarmedConnections.length > 0
      ? `watchdog not set on ${safety.unarmedConnections.join(", ")}`
      : "",
    bypassedRules.length > 0 ? `bypassed: ${bypassedRules.join(", ")}` : "",
  ].filter(Boolean);
  const approved = safety.approved ? "approved" : "not approved";
  return lacks.length > 0
    ? `it says that its protection (${approved}) is not whole; ${lacks.join("; ")}`
    : `it says that it protects (${approved})`;
}
