/** Incidents as the fog's pages show them, what explains them, and what people say of them. */
import type { FreshnessView } from "./freshness.ts";

export interface ContributionView {
  tag: string;
  name: string;
  unit: string;
  feature: string;
  share: number;
  /** Null where the reason is not about a value: a tag that is not heard, or not good. */
  value: number | null;
  /** Null where nothing says what it should have been. */
  expected: number | null;
  direction: string;
  text: string;
}

export interface IncidentView {
  id: string;
  stage: string;
  stageName: string;
  severity: "advisory" | "low" | "medium" | "high";
  state: "open" | "closed";
  openedAtMs: number;
  updatedAtMs: number;
  closedAtMs: number | null;
  headline: string;
  story: string;
  detector: string;
  score: number;
  threshold: number;
  contributions: ContributionView[];
  suggestedChecks: string[];
  related: string[];
  eventIds: string[];
  backlog: boolean;
  label: FeedbackBody["choice"] | "";
  kind: IncidentKind;
  /** Edge it came from; empty: the fog's own finding. */
  edge: string;
  /** Of what it rests on. Not live: it stays open, and nothing is known of it since. */
  freshness: FreshnessView;
  /** Id of the open incident that explains it; empty: it stands for itself. */
  suppressedBy: string;
  /** Open incidents that it explains. */
  explains: string[];
  /** Why it was closed, the evidence in plain words; empty while it is open. */
  closedBy: string;
}

/**
 * alert: a rule of an edge's detection. sensor: a tag is bad or not read. link: a connection or a device does not
 * answer. edge-silent: nothing is heard of an edge. protection: a rule is blind or bypassed, a watchdog not set,
 * an output not written. data-loss: readings were dropped.
 */
export type IncidentKind =
  | "trip"
  | "anomaly"
  | "alert"
  | "sensor"
  | "link"
  | "edge-silent"
  | "protection"
  | "data-loss";

/** What is not shown as an alarm of its own, because something else explains it. It ends with its cause. */
export interface SuppressedView {
  kind: "incident" | "rule";
  /** Id of the incident, or "<edge>/<rule>". */
  id: string;
  /** Plain words: "Tank 2: unlike anything learned" */
  what: string;
  /** Id of the incident, or "<edge>/<rule>", that explains it. */
  by: string;
  byText: string;
  sinceMs: number;
  reason: string;
}

export interface FeedbackBody {
  choice: "real" | "operation" | "sensor_fault";
  /** With "operation": one of the plant view's `operations`, or the operator's own word. */
  operation?: string;
  notes?: string;
}
