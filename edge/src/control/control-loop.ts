/**
 * The control half of the edge agent: acquisition, conditioning, safety and detection joined. It
 * runs alone: nothing here waits for the network above, for a database, or for the other thread.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { every } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import { createSource } from "../acquisition/connection-types.ts";
import type { Source } from "../acquisition/source.ts";
import { inThreadAnalysis } from "../acquisition/vibration/vibration-analysis.in-thread.ts";
import type { VibrationAnalysis } from "../acquisition/vibration/vibration-analysis.ts";
import type { Configuration, ConnectionSettings } from "../configuration/configuration.ts";
import type { EventFields, Notice, Order } from "../hand-over.ts";
import { IoWatchdog } from "../safety/io-watchdog.ts";
import type { LatchStore } from "../safety/latch-store.ts";
import { Safety } from "../safety/safety.ts";
import type { SafetyEffect } from "../safety/safety-effect.ts";
import type { Bypass, LatchedState } from "../safety/safety-state.ts";
import { applyArtifact } from "./apply-artifact.ts";
import { controlStatus } from "./control-status.ts";
import { ControlTroubles } from "./control-troubles.ts";
import { DetectionRunner } from "./detection-runner.ts";
import { LinkReports } from "./link-reports.ts";
import { LoopLag } from "./loop-lag.ts";
import { OutputDrives } from "./output-drives.ts";
import { ReadingCollector } from "./reading-collector.ts";
import { ReadingPath } from "./reading-path.ts";
import { SafetyRunner } from "./safety-runner.ts";
import { tagTable } from "./tag-table.ts";

export interface ControlOptions {
  configuration: Configuration;
  /** Plant time: polls, rules, windows. */
  clock: Clock;
  /** Real time: deadlines, reconnects, the I/O watchdog. */
  ioClock: Clock;
  channelFor: (connection: ConnectionSettings) => OpenChannel;
  latchStore: LatchStore;
  notify: (notice: Notice) => void;
  logger: Logger;
  random: Random;
  /** Where vibration is worked out; within the call when left out. */
  analysis?: VibrationAnalysis;
  /** From the loop before this one, when a changed configuration takes its place. */
  carry?: ControlCarry | undefined;
  /** What detection had learned before the process began. */
  learned?: Uint8Array | undefined;
  /** Why that cannot be read; undefined when it can, or nothing was ever kept. */
  learnedLost?: string | undefined;
}

/** What outlives the change of a configuration within one process. */
export interface ControlCarry {
  acquired: number;
  thresholdsVersion: number;
  /** Latches, trips within the hour; in memory, as the disk may have refused them. */
  latched: LatchedState;
  /** In force, by rule id. */
  bypasses: Record<string, Bypass>;
  /** What detection knows. */
  learned: Uint8Array;
}

export interface Control {
  start(): void;
  /** Hands over what there is, and how it stands. Why this is no moment to end the loop, if it is none. */
  settle(): string | undefined;
  /** For the loop that takes this one's place. */
  capture(): ControlCarry;
  order(order: Order): void;
  /** Ends polling, hands over the last readings. Outputs stay as they are; the I/O watchdog takes over. */
  stop(): void;
  /** For tests: as if the process were killed. Nothing is handed over any more. */
  kill(): void;
}

/** Readings are handed over once in this time, plant clock. */
export const batchEveryMs = 1_000;
/** Plant clock. */
const statusEveryMs = 5_000;

export function createControl(options: ControlOptions): Control {
  return new ControlLoop(options);
}

class ControlLoop implements Control {
  readonly #options: ControlOptions;
  readonly #safety: Safety;
  readonly #watch: DetectionRunner;
  readonly #collector = new ReadingCollector();
  readonly #sources: Source[];
  readonly #watchdogs: (IoWatchdog | undefined)[];
  readonly #drives: OutputDrives;
  readonly #runner: SafetyRunner;
  readonly #path: ReadingPath;
  readonly #links: LinkReports;
  readonly #troubles: ControlTroubles;
  #lag: LoopLag | undefined;
  readonly #cancels: Cancel[] = [];
  #isDead = false;
  #thresholdsVersion = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    const { configuration, clock, ioClock, latchStore, logger } = options;
    const notify = this.#notify;
    this.#safety = new Safety(configuration);
    this.#watch = new DetectionRunner({
      configuration,
      clock,
      ioClock,
      logger,
      hasten: (connection, tags, factor) =>
        elementAt(this.#sources, connection).hasten(tags, factor),
      report: this.#report,
      notify,
    });
    this.#links = new LinkReports({
      configuration,
      nowMs: () => clock.nowMs(),
      report: (event) => this.#report({ ...event, atMs: clock.nowMs() }),
    });
    this.#watchdogs = configuration.connections.map((c) => this.#createWatchdog(c));
    this.#drives = new OutputDrives({
      configuration,
      clock,
      ioClock,
      urgentOf: (connection) => elementAt(this.#sources, connection).urgent,
      report: this.#report,
      onOutcome: this.#safety.outcome,
      onChange: () => this.#sendStatus(),
    });
    this.#runner = new SafetyRunner({
      safety: this.#safety,
      ruleCount: configuration.rules.length,
      drives: this.#drives,
      latchStore,
      ioClock,
      notify,
      logger,
      onChange: () => this.#sendStatus(),
    });
    this.#path = new ReadingPath({
      configuration,
      clock,
      ioClock,
      safety: this.#safety,
      detection: this.#watch.detection,
      collector: this.#collector,
      onAnswer: (connection) => {
        this.#answeredMs = ioClock.monotonicMs();
        this.#links.answered(connection);
      },
      act: (writes) => this.#runner.act(writes, this.#answeredMs),
      settle: () => this.#runner.settle(),
      report: this.#report,
      silenceOf: (device) => this.#links.silenceOf(device),
      unheardOf: (tag) => this.#sourceOf(tag)?.silence?.(tag),
    });
    this.#troubles = new ControlTroubles({
      clock,
      ioClock,
      latchStore: () => this.#runner.unsavedReason,
      learned: () => options.learnedLost ?? this.#watch.lost,
      analysis: () => options.analysis?.trouble?.(),
    });
    this.#sources = configuration.connections.map((c) => this.#createSource(c));
    this.#collector.acquired = options.carry?.acquired ?? 0;
  }

  capture(): ControlCarry {
    return {
      acquired: this.#collector.acquired,
      thresholdsVersion: this.#thresholdsVersion,
      latched: this.#safety.capture(),
      bypasses: this.#safety.captureBypasses(),
      learned: this.#watch.capture(),
    };
  }

  settle(): string | undefined {
    if (this.#isDead) return undefined;
    this.#eachSecond();
    this.#sendStatus();
    const counting = this.#safety.countingRules(this.#now());
    if (counting.length > 0) return `${counting.join(", ")} is about to trip`;
    return this.#runner.isSettled ? undefined : "the disk has not taken what happened";
  }

  start(): void {
    const { configuration, clock, ioClock } = this.#options;
    this.#lag = new LoopLag({ clock, ioClock });
    this.#notify(tagTable(configuration));
    this.#restore();
    this.#watch.restore(this.#options.carry?.learned ?? this.#options.learned);
    for (const source of this.#sources) source.start();
    this.#cancels.push(
      every(clock, batchEveryMs, () => this.#eachSecond()),
      every(clock, statusEveryMs, () => this.#sendStatus()),
    );
    this.#sendStatus();
  }

  order(order: Order): void {
    switch (order.kind) {
      case "reset-trip":
        this.#act(this.#safety.reset(order, this.#now(), this.#veto(order.rule)));
        return;
      case "set-bypass":
        this.#act(this.#safety.bypass(order, this.#now()));
        return;
      case "simulate-trip":
        this.#act(this.#safety.simulate(order, this.#now(), this.#veto(order.rule)));
        return;
      case "record-proof-test":
        this.#act(this.#safety.recordProofTest(order, this.#now()));
        return;
      case "apply-thresholds":
      case "apply-detector": {
        const applied = applyArtifact(order, this.#watch.detection, this.#options.configuration);
        if (applied.accepted && order.kind === "apply-thresholds") {
          this.#thresholdsVersion = order.version;
        }
        this.#notify(applied);
        return;
      }
      case "inbound":
        this.#sources[order.connection]?.inbound?.(order);
        return;
      case "stop":
        this.stop();
        return;
    }
  }

  stop(): void {
    if (this.#isDead) return;
    this.#eachSecond();
    this.#sendStatus();
    this.#watch.store();
    this.kill();
  }

  kill(): void {
    this.#isDead = true;
    this.#lag?.stop();
    for (const cancel of this.#cancels) cancel();
    for (const watchdog of this.#watchdogs) watchdog?.stop();
    this.#drives.stop();
    this.#runner.stop();
    for (const source of this.#sources) source.stop();
  }

  /** I/O clock when the newest answer was in memory. */
  #answeredMs = 0;

  #sourceOf(tag: number): Source | undefined {
    const { tags, devices } = this.#options.configuration;
    const device = devices[tags[tag]?.device ?? -1];
    return device && this.#sources[device.connection];
  }

  #createSource(connection: ConnectionSettings): Source {
    const { configuration, clock, ioClock, random, channelFor } = this.#options;
    const { analysis = inThreadAnalysis() } = this.#options;
    const { index } = connection;
    return createSource({
      configuration,
      connection,
      open: channelFor(connection),
      clock,
      ioClock,
      random,
      sink: this.#path,
      stalledMs: (sinceMs) => this.#lag?.stalledMs(sinceMs) ?? 0,
      goodValueOf: (tag) => this.#path.goodValueOf(tag),
      analysis,
      report: this.#report,
      onLink: (isUp, text) => {
        if (this.#isDead) return;
        if (isUp) {
          this.#links.opened(index);
          // What a trip holds comes before everything else on a fresh connection.
          this.#drives.reconnected(index);
          this.#watchdogs[index]?.start();
        } else {
          this.#watchdogs[index]?.stop();
          this.#links.lost(index, text);
        }
      },
      onDevice: (device, isUp, text) => this.#links.deviceChanged(device, { isUp, text }),
    });
  }

  #createWatchdog({ index, watchdog }: ConnectionSettings): IoWatchdog | undefined {
    if (!watchdog) return undefined;
    return new IoWatchdog({
      watchdog,
      ioClock: this.#options.ioClock,
      urgent: (request, settle) => elementAt(this.#sources, index).urgent?.(request, settle),
      onChange: (isUp, text) => {
        this.#links.watchdog(index, { isUp, text });
        this.#sendStatus();
      },
    });
  }

  #restore(): void {
    const { latchStore, logger, carry } = this.#options;
    if (carry) {
      this.#act(this.#safety.restore(carry.latched, this.#now(), carry.bypasses));
      return;
    }
    const loaded = latchStore.load();
    if (loaded.ok) {
      if (loaded.state) this.#act(this.#safety.restore(loaded.state, this.#now()));
      return;
    }
    logger.error("latched trips cannot be read; every rule with an output is latched", {
      reason: loaded.reason,
    });
    const cause = `stored trips cannot be read (${loaded.reason}): safe until reset`;
    this.#act(this.#safety.latchAll(cause, this.#now()));
  }

  #eachSecond(): void {
    this.#answeredMs = this.#options.ioClock.monotonicMs();
    this.#path.sweep();
    this.#act(this.#safety.tick(this.#now()));
    this.#runner.retrySave();
    this.#watch.tick();
    this.#troubles.look();
    const batch = this.#collector.take();
    if (batch) this.#notify({ kind: "readings", batch });
  }

  #act(effects: readonly SafetyEffect[]): void {
    if (effects.length > 0) this.#runner.run(effects, this.#options.ioClock.monotonicMs());
  }

  /** Nothing goes back into service on a module that would hold its outputs if we died. */
  #veto(ruleId: string): string | undefined {
    const { rules, outputs, connections } = this.#options.configuration;
    const rule = rules.find(({ id }) => id === ruleId);
    const used = (rule?.then ?? []).map(({ output }) => elementAt(outputs, output).connection);
    // What is to be written after a reset would be lost, and nobody would notice.
    const lost = used.find((connection) => this.#links.isLost(connection));
    if (lost !== undefined) return `there is no connection to ${elementAt(connections, lost).id}`;
    const unarmed = used.find((connection) => this.#watchdogs[connection]?.isArmed === false);
    return unarmed === undefined
      ? undefined
      : `the I/O watchdog of ${elementAt(connections, unarmed).id} is not armed`;
  }

  #sendStatus(): void {
    const parts = {
      configuration: this.#options.configuration,
      sources: this.#sources,
      watchdogs: this.#watchdogs,
      safety: this.#safety,
      links: this.#links,
      path: this.#path,
      drives: this.#drives,
    };
    const status = controlStatus(parts, this.#now(), {
      acquired: this.#collector.acquired,
      thresholdsVersion: this.#thresholdsVersion,
      fastTags: this.#watch.fastTags(),
      loopLagMsP99: this.#lag?.p99() ?? 0,
      troubles: this.#troubles.list(),
    });
    this.#notify({ kind: "status", status });
  }

  #report = (event: EventFields): void => this.#notify({ kind: "event", event });

  #notify = (notice: Notice): void => {
    if (this.#isDead) return;
    this.#options.notify(notice);
    if (notice.kind === "event" && notice.event.body?.case === "trip") {
      this.#tellTripped(notice.event.body.value.rule);
    }
  };

  /** Sources that keep more of the past than readings may have something to add to a trip. */
  #tellTripped(rule: string | undefined): void {
    const found = this.#options.configuration.rules.find(({ id }) => id === rule);
    if (found) for (const source of this.#sources) source.tripped?.(found.index);
  }

  #now() {
    const { clock } = this.#options;
    return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }
}
