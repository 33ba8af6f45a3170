/**
 * What comes down: verified, kept, put to work or passed on, and every outcome reported up.
 * Nothing here can change a hard limit; there is no kind of artifact for that.
 */
import assert from "node:assert";
import { create } from "@bufbuild/protobuf";
import { artifactKindOfName } from "@weir/contracts/enum-labels.ts";
import { seal } from "@weir/contracts/envelope.ts";
import {
  ArtifactKind,
  ArtifactOutcome,
  type ArtifactState,
  type Manifest,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  type DownlinkItem,
  PullRequestSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { Ack, Command } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import { risingNumber } from "@weir/contracts/rising-number.ts";
import { isId } from "@weir/contracts/topics.ts";
import type { AuditLog } from "@weir/runtime/audit-log.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import { acceptArtifact, type SigningKey, signArtifact } from "@weir/runtime/signing.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { type Facts, factsOf } from "../facts.ts";
import type { CloudLink } from "../uplink/cloud-link.ts";
import type { Outbox } from "../uplink/outbox.ts";
import { backoffMs } from "../uplink/uplink.ts";
import { ArtifactShelf, artifactState } from "./artifact-shelf.ts";
import { EdgeOrders } from "./edge-orders.ts";
import type { ModelHost, OfferedModel } from "./model-host.ts";

/** How long the cloud may hold a pull open, real time. */
const pollWaitMs = 25_000;

/** Between two answers, however fast the cloud answers. */
const pollPauseMs = 250;

const fogPlace = "fog";

/** Characters of an artifact's name that are kept of one that was refused. */
const nameLengthMax = 200;

export interface DownlinkOptions {
  site: string;
  agentVersion: string;
  journal: SqlDatabase;
  outbox: Outbox;
  /** Undefined: this site has no cloud; local artifacts still travel. */
  link: CloudLink | undefined;
  /** PEM; the cloud's. */
  trustedKeys: readonly string[];
  signingKey: SigningKey;
  clock: Clock;
  ioClock: Clock;
  random: Random;
  logger: Logger;
  audit: AuditLog;
}

export class Downlink {
  readonly shelf: ArtifactShelf;
  readonly orders: EdgeOrders;
  readonly #options: DownlinkOptions;
  readonly #facts: Facts;
  readonly #stop = new AbortController();
  #host: ModelHost | undefined;
  #cancel: Cancel = () => {};
  #attempt = 0;

  constructor(options: DownlinkOptions) {
    const { journal, clock, ioClock, audit } = options;
    this.#options = options;
    this.#facts = factsOf(journal);
    this.shelf = new ArtifactShelf(journal);
    this.orders = new EdgeOrders({
      journal,
      clock,
      ioClock,
      onExpired: ({ edge, ref }) =>
        audit.append({ actor: fogPlace, action: "order expired", subject: edge, detail: ref }),
    });
  }

  /** Puts the stored models to work. Before anything is received. */
  async restore(host: ModelHost | undefined): Promise<void> {
    this.#host = host;
    for (const model of this.shelf.runnable(ArtifactOutcome.ACTIVE)) {
      const answer = await this.#tryHost(model);
      if (answer && !answer.ok) this.#fallBack(model, answer.reason);
    }
    for (const model of this.shelf.runnable(ArtifactOutcome.STAGED)) await this.#activate(model);
  }

  /** Listens to the cloud, if there is one. */
  start(): void {
    if (this.#options.link) this.#wait(0);
  }

  close(): void {
    this.#stop.abort();
    this.#cancel();
  }

  /** The running version of `name` does worse than the one before: back to that one. */
  async rollBack(model: { name: string; version: number }, reason: string): Promise<void> {
    const before = this.shelf.activeBefore(model.name, model.version);
    this.#outcome({ ...model, kind: before?.kind }, ArtifactOutcome.ROLLED_BACK, reason);
    if (before) await this.#activate(before);
  }

  /** Signs an artifact made at this site and sends it to an edge (or runs it here: target "fog"). */
  async issue(
    fields: Pick<Manifest, "kind" | "name" | "target" | "stage" | "mediaType" | "trainedOn"> & {
      expiresAtMs: number;
    },
    payload: Uint8Array,
  ): Promise<void> {
    const { site, signingKey, clock } = this.#options;
    const version = risingNumber(this.shelf.lastVersion(fields.name), clock.nowMs());
    const artifact = signArtifact(
      signingKey,
      {
        ...fields,
        version,
        site,
        createdAtMs: clock.nowMs(),
        metrics: {},
        minAgentVersion: "",
      },
      payload,
    );
    const model = this.#options.journal.transaction(() =>
      this.#takeArtifact(fields.target, artifact),
    );
    if (model) await this.#activate(model);
    this.orders.tick();
  }

  /** An edge's answer to an artifact; joins ingest's transaction. */
  recordAck(edge: string, ack: Ack): void {
    if (!this.orders.answered(edge, ack.ref)) return;
    const at = ack.ref.lastIndexOf("@");
    const name = ack.ref.slice(0, at);
    const version = Number(ack.ref.slice(at + 1));
    if (at <= 0 || !Number.isInteger(version)) return;
    this.#report(
      artifactState({
        name,
        version,
        kind: artifactKindOfName(name),
        outcome: ack.accepted ? ArtifactOutcome.ACTIVE : ArtifactOutcome.REFUSED,
        where: edge,
        reason: ack.reason,
        atMs: this.#options.clock.nowMs(),
      }),
    );
  }

  /** An edge says what it did with an artifact on its own; joins ingest's transaction. */
  recordState(edge: string, state: ArtifactState): void {
    this.shelf.putState(artifactState({ ...state, where: edge }));
  }

  #wait(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancel = this.#options.ioClock.after(delayMs, () => void this.#pullOnce());
  }

  async #pullOnce(): Promise<void> {
    const { link, site, logger, random } = this.#options;
    assert(link);
    try {
      const cursor = this.#facts.number("downlink-cursor", 0);
      const request = create(PullRequestSchema, { site, cursor, waitMs: pollWaitMs });
      const { items } = await link.pull(request, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      this.#attempt = 0;
      for (const item of items) await this.#take(item);
      this.orders.tick();
      this.#wait(pollPauseMs);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#attempt += 1;
      if (this.#attempt === 1) logger.debug("pull failed", { why: (error as Error).message });
      this.#wait(backoffMs(this.#attempt, random));
    }
  }

  async #take(item: DownlinkItem): Promise<void> {
    if (item.cursor <= this.#facts.number("downlink-cursor", 0)) return;
    const model = this.#options.journal.transaction(() => {
      this.#facts.set("downlink-cursor", item.cursor);
      if (item.body.case === "command") this.#takeCommand(item.edge, item.body.value);
      if (item.body.case !== "artifact") return undefined;
      return this.#takeArtifact(item.edge === "" ? fogPlace : item.edge, item.body.value);
    });
    if (model) await this.#activate(model);
  }

  /** In the open transaction. Returns what to activate here. */
  #takeArtifact(place: string, artifact: SignedArtifact): OfferedModel | undefined {
    const { site, trustedKeys, signingKey, clock, agentVersion, audit } = this.#options;
    const nowMs = clock.nowMs();
    const accepted = acceptArtifact(artifact, {
      trusted: [...trustedKeys, signingKey.publicPem],
      site,
      target: place,
      nowMs,
      lastVersion: (name) => this.shelf.lastVersion(name),
      agentVersion,
    });
    const { manifest } = accepted;
    // Of a forgery even the name is foreign text: cut it before it is kept.
    const subject = manifest
      ? `${manifest.name.slice(0, nameLengthMax)}@${manifest.version}`
      : "(unreadable)";
    if (!accepted.ok) {
      audit.append({
        actor: "cloud",
        action: "artifact refused",
        subject,
        detail: accepted.reason,
      });
      this.#options.logger.warn("artifact refused", { artifact: subject, why: accepted.reason });
      const fields = {
        name: subject,
        version: 0,
        kind: ArtifactKind.UNSPECIFIED,
        ...named(manifest),
      };
      const { REFUSED: outcome } = ArtifactOutcome;
      this.#report(
        artifactState({ ...fields, outcome, where: place, reason: accepted.reason, atMs: nowMs }),
        // A forgery must not overwrite what is known of the real one.
        { remember: false },
      );
      return undefined;
    }
    const { name, version, kind, stage } = accepted.manifest;
    audit.append({ actor: "cloud", action: "artifact accepted", subject, detail: `for ${place}` });
    const isOwn = place === fogPlace;
    this.shelf.stage(accepted.manifest, isOwn ? artifact.payload : undefined, nowMs);
    const { STAGED: outcome } = ArtifactOutcome;
    this.#report(
      artifactState({ name, version, kind, outcome, where: place, reason: "", atMs: nowMs }),
    );
    if (isOwn) return { name, version, kind, stage, payload: artifact.payload };
    this.orders.enqueue({
      edge: place,
      family: "model",
      ref: subject,
      expiresAtMs: accepted.manifest.expiresAtMs,
      bytes: seal("model", artifact),
    });
    return undefined;
  }

  #takeCommand(edge: string, command: Command): void {
    const { audit, clock } = this.#options;
    const isLate = command.expiresAtMs <= clock.nowMs();
    const action = !isId(edge) ? "command refused" : isLate ? "command expired" : "command queued";
    const detail = `${command.body.case ?? "(unknown)"} ${command.id} ${command.reason}`;
    audit.append({ actor: command.issuedBy || "cloud", action, subject: edge, detail });
    if (action !== "command queued") return;
    const { id: ref, expiresAtMs } = command;
    this.orders.enqueue({
      edge,
      family: "command",
      ref,
      expiresAtMs,
      bytes: seal("command", command),
    });
  }

  async #activate(model: OfferedModel): Promise<void> {
    const answer = await this.#tryHost(model);
    if (!answer) return; // No host yet: it stays staged.
    if (answer.ok) this.#outcome(model, ArtifactOutcome.ACTIVE, "");
    else this.#outcome(model, ArtifactOutcome.ROLLED_BACK, answer.reason);
  }

  async #tryHost(
    model: OfferedModel,
  ): Promise<{ ok: true } | { ok: false; reason: string } | undefined> {
    try {
      return await this.#host?.activate(model);
    } catch (error) {
      return { ok: false, reason: `it could not be loaded: ${(error as Error).message}` };
    }
  }

  /** A stored active model does not load any more: the one before it takes its place. */
  #fallBack(model: OfferedModel, reason: string): void {
    void this.rollBack(model, reason);
  }

  #outcome(
    of: { name: string; version: number; kind?: ArtifactKind | undefined },
    outcome: ArtifactOutcome,
    reason: string,
  ): void {
    const { journal, clock, audit, logger } = this.#options;
    const nowMs = clock.nowMs();
    const { name, version } = of;
    const kind = of.kind ?? artifactKindOfName(name);
    journal.transaction(() => {
      this.shelf.setOutcome(of, outcome, { reason, nowMs });
      this.#report(
        artifactState({ name, version, kind, outcome, where: fogPlace, reason, atMs: nowMs }),
      );
      const action =
        outcome === ArtifactOutcome.ACTIVE ? "artifact active" : "artifact rolled back";
      audit.append({ actor: fogPlace, action, subject: `${name}@${version}`, detail: reason });
    });
    logger.info("artifact", { name, version, active: outcome === ArtifactOutcome.ACTIVE, reason });
  }

  #report(state: ArtifactState, options: { remember: boolean } = { remember: true }): void {
    if (options.remember) this.shelf.putState(state);
    this.#options.outbox.enqueue({ case: "artifact", value: state }, { atMs: state.atMs });
  }
}

const named = (manifest: Manifest | undefined) =>
  manifest && {
    name: manifest.name.slice(0, nameLengthMax),
    version: manifest.version,
    kind: manifest.kind,
  };
