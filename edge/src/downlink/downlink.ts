/**
 * What comes down: verified, kept durably, handed to the control thread as an order, answered once.
 * No message can change a hard limit: thresholds and detectors carry parameters that the control thread
 * holds against the bounds of the site's own file; a configuration carries connections and devices,
 * and is refused when it changes anything that protects.
 */

import { create, type MessageShape } from "@bufbuild/protobuf";
import { labelOr } from "@weir/contracts/enum-labels.ts";
import { open } from "@weir/contracts/envelope.ts";
import {
  ArtifactKind,
  ArtifactOutcome,
  type ArtifactStateSchema,
  type Manifest,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { type Ack, AckSchema, type Command } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { AuditLog } from "@weir/runtime/audit-log.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { acceptArtifact } from "@weir/runtime/signing.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { EventFields, Notice, Order } from "../hand-over.ts";
import { type Answer, AnswerBook } from "./answer-book.ts";
import { ArtifactShelf, type ShelvedArtifact } from "./artifact-shelf.ts";
import { orderOfArtifact } from "./order-of-artifact.ts";
import { orderOfCommand } from "./order-of-command.ts";

export interface DownlinkOptions {
  site: string;
  edge: string;
  agentVersion: string;
  /** Ed25519 public keys, PEM; asked at each artifact. */
  trusted: () => readonly string[];
  db: SqlDatabase;
  plantClock: Clock;
  logger: Logger;
  audit: Pick<AuditLog, "append">;
  order: (order: Order) => void;
  /** An answer is ready to be sent; it stays in `waitingAcks` until `acknowledged`. */
  onAnswer: () => void;
  onEvent: (event: EventFields) => void;
  onRebirth: () => void;
}

type AnswerNotice = Extract<Notice, { kind: "answer" }>;
type ArtifactState = Omit<MessageShape<typeof ArtifactStateSchema>, "$typeName" | "$unknown">;

const { STAGED, ACTIVE, REFUSED, ROLLED_BACK } = ArtifactOutcome;

/** Characters kept of each text in the audit log; what came down may be longer. */
const auditTextMax = 2_000;

/** Orders on their way to the control thread at one time. */
export const openOrdersMax = 100;

export class Downlink {
  readonly #options: DownlinkOptions;
  readonly #shelf: ArtifactShelf;
  readonly #book: AnswerBook;
  /** By ref: what to do when the control thread answers. */
  readonly #open = new Map<string, (answer: AnswerNotice) => void>();

  constructor(options: DownlinkOptions) {
    this.#options = options;
    this.#shelf = new ArtifactShelf(options.db);
    this.#book = new AnswerBook(options.db);
  }

  /** The control loop has begun (again): it gets what was active. The configuration first: it makes the tags. */
  onControlStarted(): void {
    const isFirst = ({ kind }: ShelvedArtifact) => kind === ArtifactKind.EDGE_CONFIGURATION;
    const toApply = this.#shelf.toApply();
    for (const artifact of toApply.filter(isFirst)) this.#reapply(artifact);
    for (const artifact of toApply.filter((row) => !isFirst(row))) this.#reapply(artifact);
  }

  onMessage(family: "model" | "command", bytes: Uint8Array): void {
    const { logger } = this.#options;
    const opened = open(family, bytes);
    if (!opened.ok) {
      logger.warn(`a message on ${family} cannot be read: ${opened.detail}`, {
        fault: opened.fault,
      });
      return;
    }
    if (family === "model") this.#takeArtifact(opened.value as SignedArtifact);
    else this.#takeCommand(opened.value as Command);
  }

  onAnswer(answer: AnswerNotice): void {
    const settle = this.#open.get(answer.ref);
    this.#open.delete(answer.ref);
    if (settle) settle(answer);
    else this.#options.logger.warn("an answer to no order", { ref: answer.ref });
  }

  waitingAcks(): Ack[] {
    return this.#book.waiting().map((answer) => create(AckSchema, answer));
  }

  acknowledged(ref: string): void {
    this.#book.delivered(ref);
  }

  /** For birth, status message and status page. */
  artifacts(): ArtifactState[] {
    const { edge } = this.#options;
    return this.#shelf.current().map((row) => ({ ...row, where: edge }));
  }

  #takeArtifact(artifact: SignedArtifact): void {
    const { trusted, site, edge, plantClock, agentVersion } = this.#options;
    const verdict = acceptArtifact(artifact, {
      trusted: trusted(),
      site,
      target: edge,
      nowMs: plantClock.nowMs(),
      lastVersion: (name) => this.#shelf.lastVersion(name),
      agentVersion,
    });
    const { manifest } = verdict;
    if (!manifest) {
      this.#options.logger.warn(`an artifact is refused: ${verdict.ok ? "" : verdict.reason}`);
      return;
    }
    const ref = `${manifest.name}@${manifest.version}`;
    // The same artifact again: the fog missed our answer, or sends until it has one.
    const known = this.#book.find(ref);
    const isNewest = manifest.version === this.#shelf.lastVersion(manifest.name);
    if (known?.accepted && isNewest) {
      this.#answer(known);
      return;
    }
    if (this.#open.has(ref)) return;
    if (!verdict.ok) {
      this.#refuse(manifest, verdict.reason);
      return;
    }
    this.#stage(manifest, artifact.payload);
  }

  /** Verified: what it asks for goes to the control thread, which has the last word. */
  #stage(manifest: Manifest, payload: Uint8Array): void {
    const ref = `${manifest.name}@${manifest.version}`;
    const atMs = this.#options.plantClock.nowMs();
    const refuse = (reason: string) => {
      this.#shelf.put(manifest, { outcome: REFUSED, reason, atMs }, new Uint8Array());
      this.#refuse(manifest, reason);
    };
    const ordered = orderOfArtifact({ ...manifest, edge: this.#options.edge, payload });
    if (!ordered.ok) {
      refuse(ordered.reason);
      return;
    }
    if (this.#open.size >= openOrdersMax) {
      refuse("too many open orders");
      return;
    }
    this.#shelf.put(manifest, { outcome: STAGED, reason: "", atMs }, payload);
    this.#note(outcomeWords[STAGED], ref, manifest.trainedOn);
    this.#tell(manifest, STAGED, "");
    this.#open.set(ref, (answer) => this.#settleArtifact(manifest, answer));
    this.#options.order(ordered.order);
  }

  #settleArtifact(manifest: Manifest, answer: AnswerNotice): void {
    const { ref, accepted, reason } = answer;
    const atMs = this.#options.plantClock.nowMs();
    const outcome = accepted ? ACTIVE : answer.isTakenBack ? ROLLED_BACK : REFUSED;
    this.#shelf.mark(manifest, outcome, { reason, atMs });
    this.#note(
      labelOr(outcomeWords, outcome, outcomeWords[ArtifactOutcome.UNSPECIFIED]),
      ref,
      reason || manifest.trainedOn,
    );
    this.#tell(manifest, outcome, reason);
    this.#answer({ ref, accepted, reason, atMs });
  }

  #refuse(manifest: Manifest, reason: string): void {
    const ref = `${manifest.name}@${manifest.version}`;
    const atMs = this.#options.plantClock.nowMs();
    this.#note("artifact.refuse", ref, reason);
    this.#tell(manifest, REFUSED, reason);
    this.#answer({ ref, accepted: false, reason, atMs });
  }

  #reapply(artifact: ShelvedArtifact): void {
    const ref = `${artifact.name}@${artifact.version}`;
    // It is being tried at this moment, which is why the control loop began anew.
    if (this.#open.has(ref)) return;
    const payload = this.#shelf.payload(artifact) ?? new Uint8Array();
    const ordered = orderOfArtifact({ ...artifact, edge: this.#options.edge, payload });
    const settle = (answer: AnswerNotice) => this.#settleReapplied(artifact, answer);
    if (!ordered.ok) {
      settle({ kind: "answer", ref, accepted: false, reason: ordered.reason });
      return;
    }
    this.#open.set(ref, settle);
    this.#options.order(ordered.order);
  }

  /** The site's bounds may have changed while we were away: then the version before it is tried. */
  #settleReapplied(artifact: ShelvedArtifact, answer: AnswerNotice): void {
    const { ref, accepted, reason } = answer;
    const atMs = this.#options.plantClock.nowMs();
    const wasStaged = artifact.outcome === STAGED;
    if (accepted && !wasStaged) return;
    const hasRun = !wasStaged || answer.isTakenBack;
    const outcome = accepted ? ACTIVE : hasRun ? ROLLED_BACK : REFUSED;
    this.#shelf.mark(artifact, outcome, { reason, atMs });
    this.#note(
      labelOr(outcomeWords, outcome, outcomeWords[ArtifactOutcome.UNSPECIFIED]),
      ref,
      reason,
    );
    this.#tell(artifact, outcome, reason);
    if (wasStaged) this.#answer({ ref, accepted, reason, atMs });
    if (accepted) return;
    const earlier = this.#shelf.toApply().find((row) => row.name === artifact.name);
    if (earlier) this.#reapply(earlier);
  }

  #takeCommand(command: Command): void {
    const { plantClock } = this.#options;
    if (command.id === "") {
      this.#options.logger.warn("a command without id is ignored; it could not be answered");
      return;
    }
    const known = this.#book.find(command.id);
    if (known) {
      this.#answer(known);
      return;
    }
    if (this.#open.has(command.id)) return;
    const atMs = plantClock.nowMs();
    const refuse = (reason: string) => {
      this.#note("command.refuse", command.body.case ?? "unknown", reason, command.issuedBy);
      this.#answer({ ref: command.id, accepted: false, reason, atMs });
    };
    if (command.expiresAtMs <= atMs) {
      refuse(`expired ${new Date(command.expiresAtMs).toISOString()}`);
      return;
    }
    const ordered = orderOfCommand(command);
    if (ordered.is === "refused") {
      refuse(ordered.reason);
      return;
    }
    if (ordered.is === "rebirth") {
      this.#answer({ ref: command.id, accepted: true, reason: "", atMs });
      this.#options.onRebirth();
      return;
    }
    if (this.#open.size >= openOrdersMax) {
      refuse("too many open orders");
      return;
    }
    this.#open.set(command.id, ({ ref, accepted, reason }) => {
      const isRecord = command.body.case === "recordProofTest";
      const said = accepted ? (isRecord ? reason : "") : `refused: ${reason}`;
      const detail = [command.reason, said].filter(Boolean);
      this.#note(ordered.action, ordered.subject, detail.join("; "), command.issuedBy);
      this.#answer({ ref, accepted, reason, atMs: plantClock.nowMs() });
    });
    this.#options.order(ordered.order);
  }

  #answer(answer: Answer): void {
    this.#book.put(answer);
    this.#options.onAnswer();
  }

  #tell(
    of: Pick<ArtifactState, "name" | "version" | "kind">,
    outcome: ArtifactOutcome,
    reason: string,
  ): void {
    const { edge, plantClock, onEvent } = this.#options;
    const { name, version, kind } = of;
    const atMs = plantClock.nowMs();
    onEvent({
      atMs,
      body: {
        case: "artifact",
        value: { name, version, kind, outcome, where: edge, reason, atMs },
      },
    });
  }

  #note(action: string, subject: string, ...[detail, actor = "fog"]: [string, string?]): void {
    const entry = { actor: actor || "unknown", action, subject, detail };
    const short = Object.entries(entry).map(([key, text]) => [key, text.slice(0, auditTextMax)]);
    this.#options.audit.append(Object.fromEntries(short));
    this.#options.logger.info(`${action}: ${subject}${detail ? ` (${detail})` : ""}`);
  }
}

const outcomeWords: Record<ArtifactOutcome, string> = {
  [ArtifactOutcome.UNSPECIFIED]: "artifact",
  [STAGED]: "artifact.stage",
  [ACTIVE]: "artifact.activate",
  [REFUSED]: "artifact.refuse",
  [ROLLED_BACK]: "artifact.roll-back",
  [ArtifactOutcome.PUBLISHED]: "artifact.publish",
};
