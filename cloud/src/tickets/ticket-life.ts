/** The life of a ticket as functions of (ticket, happening): no clock, no storage. */
import { createHash } from "node:crypto";
import type { TicketStatus, TicketView } from "@weir/contracts/api/cloud.ts";
import { dayMs } from "../limits.ts";
import type { Finding } from "./finding.ts";

/** Within this time a closed ticket is opened again instead of a new one. */
export const reopenWindowMs = 14 * dayMs;
/** A ticket closed as ordinary operation keeps its signature quiet for this long. */
export const quietAfterOperationMs = 14 * dayMs;
const evidenceCountMax = 8;
const historyCountMax = 100;

/** What a status may become by hand. */
export const transitions: Record<TicketStatus, readonly TicketStatus[]> = {
  open: ["acknowledged", "in_progress", "on_hold", "resolved", "closed", "cancelled"],
  acknowledged: ["in_progress", "on_hold", "resolved", "closed", "cancelled"],
  in_progress: ["on_hold", "resolved", "closed", "cancelled"],
  on_hold: ["acknowledged", "in_progress", "resolved", "closed", "cancelled"],
  resolved: ["in_progress", "closed"],
  // Closed again: with another outcome, which was the wrong one before.
  closed: ["open", "closed"],
  cancelled: ["open"],
};

export const closeCodes = ["confirmed", "no_fault_found", "operation", "duplicate"] as const;
export type CloseCode = (typeof closeCodes)[number];

export const isFinished = (status: TicketStatus): boolean =>
  status === "closed" || status === "cancelled";

export const dedupKeyOf = (finding: Finding): string =>
  createHash("sha256")
    .update([finding.site, finding.assetPath, finding.failureMode, finding.family].join("|"))
    .digest("hex");

export type Folded =
  | { change: "opened" | "reopened" | "updated"; ticket: TicketView }
  | { change: "quiet"; ticket: TicketView };

/** `latest`: the newest ticket of the same key. `id` is used only when a new one is opened. */
export function foldFinding(latest: TicketView | undefined, finding: Finding, id: string): Folded {
  if (!latest) return { change: "opened", ticket: open(finding, id) };
  if (!isFinished(latest.status)) return { change: "updated", ticket: update(latest, finding) };
  const sinceMs = finding.seenMs - (latest.history.at(-1)?.atMs ?? latest.lastSeenMs);
  if (latest.closeCode === "operation" && sinceMs < quietAfterOperationMs) {
    return { change: "quiet", ticket: latest };
  }
  if (sinceMs < reopenWindowMs) {
    const ticket = update({ ...latest, status: "open", closeCode: "", closeNotes: "" }, finding);
    return {
      change: "reopened",
      ticket: note(ticket, finding.seenMs, "opened again: it came back"),
    };
  }
  return { change: "opened", ticket: open(finding, id) };
}

function open(finding: Finding, id: string): TicketView {
  const { site, stage, assetPath, equipmentClass, failureMode, mechanism, title, summary } =
    finding;
  const ticket: TicketView = {
    id,
    dedupKey: dedupKeyOf(finding),
    status: "open",
    ...{ site, stage, assetPath, equipmentClass, failureMode, mechanism, title, summary },
    priority: finding.priority,
    detector: finding.detector,
    confidence: finding.confidence,
    evidence: finding.evidence.slice(0, evidenceCountMax),
    firstSeenMs: finding.firstSeenMs,
    lastSeenMs: finding.seenMs,
    occurrences: 1,
    predictedFailure: finding.predictedFailure,
    recommendedActions: finding.recommendedActions,
    partsHint: finding.partsHint,
    safetyNotes: finding.safetyNotes,
    dueAtMs: dueOf(finding, finding.seenMs),
    assignee: "",
    closeCode: "",
    closeNotes: "",
    history: [],
  };
  return note(ticket, finding.seenMs, "opened automatically");
}

/** The newest finding's words and figures; the priority may only rise, the due date only come nearer. */
function update(ticket: TicketView, finding: Finding): TicketView {
  const priority = finding.priority < ticket.priority ? finding.priority : ticket.priority;
  const { title, summary, detector, confidence, predictedFailure } = finding;
  const next: TicketView = {
    ...ticket,
    ...{ title, summary, detector, confidence, predictedFailure, priority },
    evidence: finding.evidence.slice(0, evidenceCountMax),
    lastSeenMs: Math.max(ticket.lastSeenMs, finding.seenMs),
    occurrences: ticket.occurrences + 1,
    dueAtMs: Math.min(ticket.dueAtMs, dueOf(finding, ticket.history[0]?.atMs ?? finding.seenMs)),
  };
  return priority === ticket.priority
    ? next
    : note(next, finding.seenMs, `priority raised from ${ticket.priority} to ${priority}`);
}

/** Policy, or half the way to the earliest plausible failure, whichever comes first. */
function dueOf(finding: Finding, fromMs: number): number {
  const policyMs = fromMs + finding.policyMs;
  const early = finding.predictedFailure?.p10Ms;
  if (early === undefined) return policyMs;
  return Math.min(policyMs, finding.seenMs + Math.max(0, early - finding.seenMs) * 0.5);
}

export interface StatusChange {
  status: TicketStatus;
  closeCode: CloseCode | "";
  notes: string;
  by: string;
  atMs: number;
}

function wordOfChange(from: TicketStatus, to: TicketStatus): string {
  if (from === "closed" && to === "closed") return "outcome corrected: ";
  return isFinished(from) ? "opened again: " : "";
}

/** The ticket after a change by hand; the caller has checked that it is allowed. */
export function changeStatus(ticket: TicketView, change: StatusChange): TicketView {
  const { status, closeCode, notes, by, atMs } = change;
  const text = [status.replace("_", " "), closeCode.replaceAll("_", " "), notes]
    .filter((part) => part !== "")
    .join(": ");
  const what = wordOfChange(ticket.status, status);
  // A ticket that is open has no outcome: what was said before stays in its history.
  const outcome =
    status === "closed"
      ? { closeCode, closeNotes: notes }
      : { closeCode: "" as const, closeNotes: "" };
  return note({ ...ticket, status, ...outcome }, atMs, `${what}${text}`, by);
}

export function note(ticket: TicketView, atMs: number, text: string, by = "weir"): TicketView {
  return { ...ticket, history: [...ticket.history, { atMs, by, text }].slice(-historyCountMax) };
}
