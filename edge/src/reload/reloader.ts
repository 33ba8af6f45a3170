/**
 * Brings a changed configuration to the control loop. It is loaded and checked whole on this side; a
 * fault leaves everything as it is. What has shown that it reads the plant is kept as the last good one.
 */
import { ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { configurationDiff } from "../configuration/configuration-diff.ts";
import { type ConfigurationStanding, laterText, type Notice, type Order } from "../hand-over.ts";
import { type Effective, loadEffective } from "./effective-configuration.ts";
import type { LastGood } from "./last-good.file.ts";
import type { RemoteConfiguration, RemoteConfigurationFile } from "./remote-configuration.file.ts";

export interface ReloaderOptions {
  /** The site's file. */
  file: string;
  /** What runs now. */
  started: Loaded;
  /** Why that is the last good one instead of the site's file; undefined when it is the file's. */
  fallback: string | undefined;
  remote: RemoteConfigurationFile;
  lastGood: LastGood;
  /** To the control loop. */
  order: (order: Order) => void;
  /** To the uplink, as if the control loop said it. */
  notify: (notice: Notice) => void;
  plantClock: Clock;
  ioClock: Clock;
  logger: Logger;
  /** Changes whenever one of the files does. */
  fingerprint: (files: Iterable<string>) => string;
}

type Loaded = Extract<Effective, { ok: true }>;

interface Candidate {
  loaded: Loaded;
  remote: RemoteConfiguration | undefined;
}

/** Between two looks at the files; a change counts once it has stood still for one of them. */
export const watchEveryMs = 1_000;
/** Until a saved file that came at a bad moment is tried again. */
const laterMs = 30_000;
/** Candidates remembered: the one on trial and those before it. */
const candidatesMax = 8;
/** Refs of orders that nobody waits for. */
const ownRefs = "file/";

export class Reloader {
  readonly #options: ReloaderOptions;
  /** By SHA-256. */
  readonly #candidates = new Map<string, Candidate>();
  #running: Candidate;
  #count = 0;
  #cancelWatch: Cancel = () => {};
  #cancelLater: Cancel = () => {};
  /** Why the site's file as it is does not run. */
  #trouble: string | undefined;
  #isOnTrial = false;
  #seen: string;
  #applied: string;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#running = { loaded: options.started, remote: options.remote.load() };
    this.#remember(this.#running);
    this.#trouble = options.fallback;
    this.#seen = this.#fingerprint();
    this.#applied = this.#seen;
  }

  /** Says what runs instead of the site's file, if so; looks at the files until `stop`. */
  start(): void {
    const { fallback, logger, started } = this.#options;
    if (fallback !== undefined) {
      logger.error(`the last good configuration runs: ${fallback}`);
      const { sha256 } = started.configuration;
      const reason = `the last good configuration runs instead: ${fallback}`;
      this.#tell({ sha256, outcome: ConfigurationOutcome.ROLLED_BACK, by: "start", reason });
    }
    this.#cancelWatch = every(this.#options.ioClock, watchEveryMs, () => this.#look());
  }

  /** `isOrderly`: the agent does not end because of what it runs. */
  stop(isOrderly: boolean): void {
    this.#cancelWatch();
    this.#cancelLater();
    const { sha256 } = this.#configuration;
    const { lastGood } = this.#options;
    if (isOrderly && this.#isOnTrial && lastGood.rejected()?.sha256 === sha256) lastGood.absolve();
  }

  /** Takes the orders that concern the configuration; all others are the control loop's. */
  order(order: Order): void {
    if (order.kind === "reload") this.reload(order.by, order.ref);
    else if (order.kind === "apply-configuration") this.#applyRemote(order);
    else this.#options.order(order);
  }

  /** @param ref of who waits for an answer. */
  reload(by: string, ref = `${ownRefs}${++this.#count}`): void {
    this.#cancelLater();
    const { file, remote } = this.#options;
    this.#applied = this.#fingerprint();
    const kept = remote.load();
    const loaded = loadEffective(file, { overlay: kept?.text });
    if (!loaded.ok) {
      this.#trouble = formatProblems(loaded.problems);
      this.#refuse({ ref, by, sha256: "", reason: this.#trouble });
      return;
    }
    if (loaded.overlayRefusal !== undefined) {
      this.#options.logger.warn(`changes from above are left out: ${loaded.overlayRefusal}`);
    }
    if (loaded.configuration.sha256 === this.#configuration.sha256) this.#trouble = undefined;
    const candidate = { loaded, remote: loaded.overlay === undefined ? undefined : kept };
    this.#reconfigure(candidate, { ref, by, answer: "applied" });
  }

  /** True when the notice is for the uplink. */
  onNotice(notice: Notice): boolean {
    if (notice.kind === "configuration") this.#onStanding(notice.standing);
    if (notice.kind === "status" && this.#trouble !== undefined) {
      notice.status.configurationTrouble = this.#trouble;
    }
    if (notice.kind !== "answer" || !notice.ref.startsWith(ownRefs)) return true;
    // Nobody waits for this answer: the file is tried again.
    if (!notice.accepted && notice.reason.endsWith(laterText)) {
      this.#cancelLater = this.#options.ioClock.after(laterMs, () => this.reload("file"));
    }
    return false;
  }

  #applyRemote({ ref, name, version, text }: Extract<Order, { kind: "apply-configuration" }>) {
    const loaded = loadEffective(this.#options.file, { overlay: text });
    const reason = loaded.ok ? loaded.overlayRefusal : formatProblems(loaded.problems);
    if (!loaded.ok || reason !== undefined) {
      this.#refuse({ ref, by: name, sha256: "", reason: reason ?? "" });
      return;
    }
    // The fog does not stand beside the agent: what brought it down once is not tried a second time.
    const rejected = this.#options.lastGood.rejected();
    const { sha256 } = loaded.configuration;
    if (rejected?.sha256 === sha256 && sha256 !== this.#configuration.sha256) {
      this.#refuse({ ref, by: name, sha256, reason: `taken back before: ${rejected.reason}` });
      return;
    }
    const remote = { name, version, text };
    this.#reconfigure({ loaded, remote }, { ref, by: `${name}@${version}`, answer: "proven" });
  }

  #reconfigure(
    candidate: Candidate,
    { ref, by, answer }: { ref: string; by: string; answer: "applied" | "proven" },
  ): void {
    const { configuration } = candidate.loaded;
    this.#remember(candidate);
    // Worked out here: the control loop has a plant to guard.
    const running = this.#configuration;
    const changes = configurationDiff(running, configuration);
    const diff = { from: running.sha256, changes };
    this.#options.order({ kind: "reconfigure", ref, by, configuration, answer, diff });
  }

  #remember(candidate: Candidate): void {
    const { sha256 } = candidate.loaded.configuration;
    this.#candidates.delete(sha256);
    this.#candidates.set(sha256, candidate);
    const oldest = this.#candidates.keys().next().value;
    if (this.#candidates.size > candidatesMax && oldest !== undefined) {
      this.#candidates.delete(oldest);
    }
  }

  #onStanding({ state, sha256, running, reason, atMs }: ConfigurationStanding): void {
    const { logger, lastGood } = this.#options;
    const candidate = this.#candidates.get(running);
    if (candidate) this.#running = candidate;
    if (state !== "good") this.#trouble = state === "rolled-back" ? reason : undefined;
    this.#isOnTrial = state === "trial";
    try {
      if (state === "trial") {
        // Should it bring the agent down, the next start runs the one before.
        lastGood.reject({ sha256, reason: "the agent fell while it was on trial", atMs });
      } else if (state === "rolled-back") {
        logger.error(`the configuration was taken back: ${reason}`);
        lastGood.reject({ sha256, reason, atMs });
      } else if (candidate) {
        this.#keep(candidate, atMs);
      }
    } catch (error) {
      logger.error(`the last good configuration cannot be kept: ${(error as Error).message}`);
    }
  }

  #keep({ loaded, remote }: Candidate, savedAtMs: number): void {
    const { lastGood } = this.#options;
    const { configuration, texts, overlay } = loaded;
    const { file, sha256 } = configuration;
    lastGood.keep({ file, sha256, savedAtMs, texts, overlay });
    if (lastGood.rejected()?.sha256 === sha256) lastGood.absolve();
    this.#options.remote.save(remote);
  }

  #refuse({
    ref,
    by,
    sha256,
    reason,
  }: {
    ref: string;
    by: string;
    sha256: string;
    reason: string;
  }) {
    const { logger, notify } = this.#options;
    logger.error(`the configuration is refused, the running one stays: ${reason}`);
    this.#tell({ sha256, outcome: ConfigurationOutcome.REFUSED, by, reason });
    if (!ref.startsWith(ownRefs)) notify({ kind: "answer", ref, accepted: false, reason });
  }

  #tell(told: { sha256: string; outcome: ConfigurationOutcome; by: string; reason: string }): void {
    const { notify, plantClock } = this.#options;
    const value = { ...told, changes: [] };
    notify({
      kind: "event",
      event: { atMs: plantClock.nowMs(), body: { case: "configuration", value } },
    });
  }

  #look(): void {
    const now = this.#fingerprint();
    const isStill = now === this.#seen;
    this.#seen = now;
    if (!isStill || now === this.#applied || !this.#configuration.reload.watch) return;
    this.reload("file");
  }

  get #configuration(): Configuration {
    return this.#running.loaded.configuration;
  }

  /** Of the site's file and of the profiles that what runs was made of. */
  #fingerprint(): string {
    const { file, fingerprint } = this.#options;
    return fingerprint(new Set([file, ...this.#running.loaded.texts.keys()]));
  }
}
