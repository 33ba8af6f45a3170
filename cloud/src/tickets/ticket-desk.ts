/** Keeps the tickets: folds findings in, limits how many open by themselves, writes labels back. */
import { create } from "@bufbuild/protobuf";
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import {
  type FeedbackLabel,
  FeedbackLabelSchema,
} from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { risingNumber } from "@weir/contracts/rising-number.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { CloudFault } from "../faults.ts";
import { dayMs } from "../limits.ts";
import type { Finding } from "./finding.ts";
import {
  type CloseCode,
  changeStatus,
  closeCodes,
  dedupKeyOf,
  foldFinding,
  isFinished,
  type StatusChange,
  transitions,
  note as withNote,
} from "./ticket-life.ts";

export const ticketMigration = `
  CREATE TABLE ticket (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL, stage TEXT NOT NULL, dedup_key TEXT NOT NULL,
    status TEXT NOT NULL, opened_at_ms REAL NOT NULL, is_automatic INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX ticket_by_key ON ticket (dedup_key, number);
`;

/** Tickets that open by themselves, a site and day; what is above goes into one digest. P1 is exempt. */
export const automaticPerDayMax = 5;

export type TicketChange = "opened" | "reopened" | "updated" | "status";

export interface TicketDesk {
  /** The ticket that carries the finding, `undefined` when its signature is to stay quiet. */
  report(finding: Finding): TicketView | undefined;
  /** A line in the history of the unfinished ticket of a signature, where there is one; its status stays. */
  note(dedupKey: string, line: { atMs: number; text: string }): void;
  /** @throws Fault CLOUD_TICKET_UNKNOWN, CLOUD_TICKET_TRANSITION, CLOUD_TICKET_CLOSE_CODE */
  setStatus(id: string, change: Omit<StatusChange, "atMs">): TicketView;
  /** @throws Fault CLOUD_TICKET_UNKNOWN */
  get(id: string): TicketView;
  /** Most urgent first. */
  list(which: "open" | "all"): TicketView[];
  /** Unfinished tickets of a stage. */
  ofStage(site: string, stage: string): TicketView[];
  openCount(): number;
}

export interface TicketDeskOptions {
  db: SqlDatabase;
  plant: Clock;
  onTicket: (ticket: TicketView, change: TicketChange) => void;
  /** A closed ticket teaches: its time is labelled. One closed again replaces its label. */
  onLabel: (site: string, label: FeedbackLabel) => void;
  /** A ticket that was closed is open again: what it taught is withdrawn. */
  onLabelWithdrawn: (site: string, labelId: string) => void;
  /** By a person's word a ticket's time teaches now where it did not before, or the other way round. */
  onTeachingChanged: (site: string, stage: string) => void;
}

const listCountMax = 500;
const idOf = (number: number) => `T-${number}`;
const numberOf = (id: string) => Number(/^T-(\d+)$/.exec(id)?.[1] ?? Number.NaN);

interface Row {
  number: number;
  body: string;
}

export function createTicketDesk(options: TicketDeskOptions): TicketDesk {
  const { db, plant } = options;
  const insert = db.prepare(
    "INSERT INTO ticket (number, site, stage, dedup_key, status, opened_at_ms, is_automatic, body) VALUES (?, ?, ?, ?, 'open', ?, 1, ?)",
  );
  const lastNumber = db.prepare("SELECT coalesce(max(number), 0) AS number FROM ticket");
  const save = db.prepare("UPDATE ticket SET status = ?, body = ? WHERE number = ?");
  const byKey = db.prepare(
    "SELECT number, body FROM ticket WHERE dedup_key = ? ORDER BY number DESC LIMIT 1",
  );
  const byNumber = db.prepare("SELECT number, body FROM ticket WHERE number = ?");
  const lists = {
    open: db.prepare(
      "SELECT number, body FROM ticket WHERE status NOT IN ('closed', 'cancelled') ORDER BY number DESC LIMIT ?",
    ),
    all: db.prepare("SELECT number, body FROM ticket ORDER BY number DESC LIMIT ?"),
  };
  const ofStage = db.prepare(
    "SELECT number, body FROM ticket WHERE site = ? AND stage = ? AND status NOT IN ('closed', 'cancelled')",
  );
  const openedSince = db.prepare(
    "SELECT count(*) AS count FROM ticket WHERE site = ? AND is_automatic = 1 AND opened_at_ms > ?",
  );
  const openCount = db.prepare(
    "SELECT count(*) AS count FROM ticket WHERE status NOT IN ('closed', 'cancelled')",
  );

  const viewOf = (row: Row): TicketView => {
    const ticket = JSON.parse(row.body) as TicketView;
    return withAllowed({ ...ticket, id: idOf(row.number) });
  };
  const store = (ticket: TicketView) =>
    save.run(ticket.status, JSON.stringify(ticket), numberOf(ticket.id));
  const latestOf = (key: string) => {
    const row = byKey.get<Row>(key);
    return row && viewOf(row);
  };
  const isOverLimit = ({ site, seenMs, priority }: Finding) =>
    priority !== "P1" &&
    (openedSince.get<{ count: number }>(site, seenMs - dayMs)?.count ?? 0) >= automaticPerDayMax;

  const fold = (finding: Finding): { ticket: TicketView; change: TicketChange } | undefined => {
    const folded = foldFinding(latestOf(dedupKeyOf(finding)), finding, "");
    if (folded.change === "quiet") return undefined;
    const { change, ticket } = folded;
    if (change !== "opened") {
      store(ticket);
      return { ticket, change };
    }
    const { site, stage, dedupKey, firstSeenMs } = ticket;
    const isDigest = finding.family === digestFamily;
    if (!isDigest && isOverLimit(finding)) return fold(digestOf(finding));
    const openedAtMs = isDigest ? firstSeenMs : finding.seenMs;
    // Of this number work orders and labels are named elsewhere, which a restore here does not take back.
    const number = risingNumber(lastNumber.get<{ number: number }>()?.number ?? 0, plant.nowMs());
    insert.run(number, site, stage, dedupKey, openedAtMs, JSON.stringify(ticket));
    return { ticket: { ...ticket, id: idOf(number) }, change };
  };

  const read = (id: string): TicketView => {
    const row = byNumber.get<Row>(numberOf(id));
    if (!row) throw new CloudFault("CLOUD_TICKET_UNKNOWN", { id });
    return viewOf(row);
  };

  return {
    report(finding) {
      const done = db.transaction(() => fold(finding));
      if (!done) return undefined;
      const ticket = withAllowed(done.ticket);
      options.onTicket(ticket, done.change);
      return ticket;
    },
    note(dedupKey, { atMs, text }) {
      const before = latestOf(dedupKey);
      if (!before || isFinished(before.status)) return;
      const ticket = withNote(before, atMs, text);
      store(ticket);
      options.onTicket(ticket, "updated");
    },
    setStatus(id, change) {
      const before = read(id);
      checkChange(before, change);
      const atMs = plant.nowMs();
      const ticket = withAllowed(changeStatus(before, { ...change, atMs }));
      store(ticket);
      if (ticket.status === "closed") {
        options.onLabel(ticket.site, labelOf(ticket, { by: change.by, atMs }));
      } else if (before.status === "closed") {
        options.onLabelWithdrawn(ticket.site, labelIdOf(ticket));
      }
      if (isKeptOut(before) !== isKeptOut(ticket))
        options.onTeachingChanged(ticket.site, ticket.stage);
      const isAgain = isFinished(before.status) && !isFinished(ticket.status);
      options.onTicket(ticket, isAgain ? "reopened" : "status");
      return ticket;
    },
    get: read,
    list: (which) =>
      lists[which]
        .all<Row>(listCountMax)
        .map(viewOf)
        .sort((a, b) => a.priority.localeCompare(b.priority) || a.dueAtMs - b.dueAtMs),
    ofStage: (site, stage) => ofStage.all<Row>(site, stage).map(viewOf),
    openCount: () => openCount.get<{ count: number }>()?.count ?? 0,
  };
}

const withAllowed = (ticket: TicketView): TicketView => ({
  ...ticket,
  allowedStatus: [...transitions[ticket.status]],
});

function checkChange(ticket: TicketView, change: Omit<StatusChange, "atMs">): void {
  const { status, closeCode } = change;
  const allowed = transitions[ticket.status];
  if (!allowed.includes(status)) {
    throw new CloudFault("CLOUD_TICKET_TRANSITION", {
      id: ticket.id,
      from: ticket.status,
      to: status,
      allowed: allowed.join(", ") || "nothing",
    });
  }
  if (status === "closed" && !closeCodes.includes(closeCode as CloseCode)) {
    throw new CloudFault("CLOUD_TICKET_CLOSE_CODE", { codes: closeCodes.join(", ") });
  }
  const isSame = closeCode === ticket.closeCode && change.notes === ticket.closeNotes;
  if (ticket.status === "closed" && status === "closed" && isSame) {
    throw new CloudFault("CLOUD_TICKET_UNCHANGED", { id: ticket.id, code: closeCode });
  }
}

/** The time under an open ticket, and under one that was confirmed, teaches nothing. */
const isKeptOut = ({ status, closeCode }: TicketView): boolean =>
  status === "closed" ? closeCode === "confirmed" : !isFinished(status);

const labelIdOf = ({ site, id }: TicketView) => `${site}/${id}`;

const ratings: Record<CloseCode, string> = {
  confirmed: "ANOMALY",
  no_fault_found: "NO_ANOMALY",
  operation: "NO_ANOMALY",
  duplicate: "NEUTRAL",
};

function labelOf(ticket: TicketView, { by, atMs }: { by: string; atMs: number }): FeedbackLabel {
  const closeCode = ticket.closeCode as CloseCode;
  return create(FeedbackLabelSchema, {
    id: labelIdOf(ticket),
    stage: ticket.stage,
    fromMs: ticket.firstSeenMs,
    toMs: atMs,
    rating: ratings[closeCode],
    choice: closeCode === "confirmed" ? "real" : closeCode === "operation" ? "operation" : "",
    faultCode: ticket.failureMode,
    notes: ticket.closeNotes,
    author: by,
    atMs,
  });
}

const digestFamily = "digest";

/** Stands for findings above the day's limit: one ticket a site, its latest finding in its words. */
function digestOf(finding: Finding): Finding {
  return {
    ...finding,
    stage: "",
    assetPath: finding.site,
    equipmentClass: "site",
    failureMode: "PDE",
    mechanism: "several",
    family: digestFamily,
    title: `More than ${automaticPerDayMax} findings in a day at ${finding.site}; the rest is collected here`,
    summary: `Latest: ${finding.title}. ${finding.summary}`,
    priority: "P3",
    predictedFailure: null,
  };
}
