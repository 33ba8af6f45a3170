/**
 * The control loop of whichever configuration is in force. Another one takes its place within one call:
 * the old loop hands over its last readings and ends, the new one begins with the latches it held. It
 * is then on trial: devices that were read must be read again in time, or the one before runs again.
 */
import { ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Cancel, every } from "@weir/runtime/clock.ts";
import { formatDuration } from "@weir/runtime/duration.ts";
import { ParkedChannels } from "../acquisition/parked-channels.ts";
import type { Configuration } from "../configuration/configuration.ts";
import {
  type ConfigurationChange,
  configurationDiff,
} from "../configuration/configuration-diff.ts";
import { type ConfigurationStanding, laterText, type Notice, type Order } from "../hand-over.ts";
import {
  type Control,
  type ControlCarry,
  type ControlOptions,
  createControl,
} from "./control-loop.ts";
import { DeliveryWatch } from "./delivery-watch.ts";
import { touchedConnections } from "./touched-connections.ts";

type Reconfigure = Extract<Order, { kind: "reconfigure" }>;

/** Between two looks at a configuration on trial, I/O clock. */
const lookEveryMs = 250;
/** Between two looks at whether the disk has taken what happened, and how many; I/O clock. */
const settleEveryMs = 20;
const settleTriesMax = 250;
/** Lines of an event that tell what changed. */
const changesToldMax = 50;

interface Trial {
  /** What runs again when it fails. */
  fallback: Configuration;
  /** Ids of devices that must be read again. */
  expected: Set<string>;
  untilIoMs: number;
  /** Plant clock: slow tags get two periods at least. */
  untilPlantMs: number;
  order: Reconfigure;
}

/** A Control that understands `reconfigure`. */
export function createLiveControl(options: ControlOptions): Control {
  return new LiveControl(options);
}

class LiveControl implements Control {
  readonly #options: ControlOptions;
  readonly #channels: ParkedChannels;
  #configuration: Configuration;
  #control: Control;
  #delivery: DeliveryWatch;
  #standing: ConfigurationStanding;
  #latched: readonly string[] = [];
  #trial: Trial | undefined;
  #cancelLook: Cancel = () => {};
  #cancelSettle: Cancel = () => {};

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#channels = new ParkedChannels(options.channelFor, options.ioClock);
    this.#configuration = options.configuration;
    this.#delivery = new DeliveryWatch(options.configuration);
    this.#control = this.#create(options.carry);
    this.#standing = {
      state: "trial",
      sha256: this.#configuration.sha256,
      running: this.#configuration.sha256,
      reason: "",
      atMs: options.clock.nowMs(),
    };
  }

  start(): void {
    this.#control.start();
    this.#cancelLook = every(this.#options.ioClock, lookEveryMs, () => this.#look());
  }

  settle(): string | undefined {
    return this.#control.settle();
  }

  capture(): ControlCarry {
    return this.#control.capture();
  }

  order(order: Order): void {
    switch (order.kind) {
      case "reconfigure":
        this.#whenSettled(order, settleTriesMax);
        return;
      case "stop":
        this.stop();
        return;
      case "reload":
      case "apply-configuration": {
        const reason = "this edge was not started from a file";
        this.#options.notify({ kind: "answer", ref: order.ref, accepted: false, reason });
        return;
      }
      case "inbound":
        if (this.#isOurs(order)) this.#control.order(order);
        return;
      default:
        this.#control.order(order);
    }
  }

  /** What was on its way while the configuration changed carries positions of the old tag table. */
  #isOurs({ configSha256 }: Extract<Order, { kind: "inbound" }>): boolean {
    return configSha256 === this.#configuration.sha256;
  }

  stop(): void {
    this.#cancelLook();
    this.#cancelSettle();
    this.#control.stop();
  }

  kill(): void {
    this.#cancelLook();
    this.#cancelSettle();
    this.#control.kill();
  }

  /** A trip that waits for the disk is told by the loop that saw it; one whose time runs is waited for. */
  #whenSettled(order: Reconfigure, triesLeft: number): void {
    const why = this.#control.settle();
    if (why === undefined) {
      this.#reconfigure(order);
    } else if (triesLeft > 0) {
      const again = () => this.#whenSettled(order, triesLeft - 1);
      this.#cancelSettle = this.#options.ioClock.after(settleEveryMs, again);
    } else {
      const reason = `${why}; ${laterText}`;
      this.#tell(order, { outcome: ConfigurationOutcome.REFUSED, reason, lines: [] });
      this.#answer(order, false, reason);
    }
  }

  #reconfigure(order: Reconfigure): void {
    const { configuration } = order;
    if (configuration.sha256 === this.#configuration.sha256) {
      // Whoever asked first may have fallen meanwhile: the verdict goes to who asked last.
      if (this.#trial && order.answer === "proven") {
        this.#trial.order = order;
        return;
      }
      this.#answer(order, true, "this configuration runs already");
      // Whoever took the change back in the file as well has nothing left to hear of.
      if (this.#standing.state === "rolled-back") this.#stand("good", configuration.sha256, "");
      return;
    }
    const { diff } = order;
    const changes =
      diff?.from === this.#configuration.sha256
        ? diff.changes
        : configurationDiff(this.#configuration, configuration);
    const refusal =
      fixedRefusal(this.#configuration, configuration) ??
      tableRefusal(this.#configuration, configuration, changes) ??
      this.#latchRefusal(changes.some(({ isSafety }) => isSafety));
    const lines = changes.map(({ text, isSafety }) => (isSafety ? `${text} (safety)` : text));
    if (refusal !== undefined) {
      this.#tell(order, { outcome: ConfigurationOutcome.REFUSED, reason: refusal, lines });
      this.#answer(order, false, refusal);
      return;
    }
    const trial = this.#trialOf(order);
    this.#supersede();
    const failure = this.#run(configuration);
    if (failure !== undefined) {
      this.#stand("rolled-back", configuration.sha256, failure);
      this.#tell(order, { outcome: ConfigurationOutcome.ROLLED_BACK, reason: failure, lines });
      this.#answer(order, false, failure, true);
      return;
    }
    this.#trial = trial;
    this.#stand("trial", configuration.sha256, "");
    const reason = `on trial for ${formatDuration(configuration.reload.healthWithinMs)}`;
    this.#tell(order, { outcome: ConfigurationOutcome.ACTIVE, reason, lines });
    if (order.answer === "applied") this.#answer(order, true, reason);
  }

  /** Another change before the last one was proven: its fallback stays what is fallen back to. */
  #trialOf(order: Reconfigure): Trial {
    const { clock, ioClock } = this.#options;
    const { configuration } = order;
    const seen = this.#delivery.delivering(clock.monotonicMs());
    const expected = this.#trial ? new Set([...this.#trial.expected, ...seen]) : seen;
    const kept = configuration.devices.filter(({ id }) => expected.has(id));
    const slowestMs = Math.max(0, ...kept.map(({ index }) => periodMsOf(configuration, index)));
    return {
      fallback: this.#trial?.fallback ?? this.#configuration,
      expected: new Set(kept.map(({ id }) => id)),
      untilIoMs: ioClock.monotonicMs() + configuration.reload.healthWithinMs,
      untilPlantMs: clock.monotonicMs() + 2 * slowestMs,
      order,
    };
  }

  #supersede(): void {
    const last = this.#trial?.order;
    this.#trial = undefined;
    if (last?.answer === "proven")
      this.#answer(last, false, "another change came before it was proven", true);
  }

  /** Why it does not run: then the one before runs again. */
  #run(configuration: Configuration): string | undefined {
    const previous = this.#configuration;
    const before = this.#control;
    let failure: string | undefined;
    this.#channels.exchange(() => {
      // Its last readings are handed over before the tag table changes.
      before.stop();
      const carry = before.capture();
      try {
        this.#begin(configuration, carry);
      } catch (error) {
        failure = `it does not run: ${(error as Error).message}`;
        if (this.#control !== before) this.#control.kill();
        this.#begin(previous, carry);
      }
    });
    return failure;
  }

  #begin(configuration: Configuration, carry: ControlCarry): void {
    this.#configuration = configuration;
    this.#delivery = new DeliveryWatch(configuration);
    this.#control = this.#create(carry);
    this.#control.start();
  }

  #create(carry: ControlCarry | undefined): Control {
    return createControl({
      ...this.#options,
      configuration: this.#configuration,
      channelFor: this.#channels.channelFor,
      carry,
      notify: (notice) => this.#pass(notice),
    });
  }

  #pass(notice: Notice): void {
    if (notice.kind === "readings") {
      this.#delivery.note(notice.batch, this.#options.clock.monotonicMs());
    } else if (notice.kind === "status") {
      this.#latched = notice.status.latchedTrips;
      notice.status.configuration = this.#standing;
    }
    this.#options.notify(notice);
  }

  #look(): void {
    if (this.#standing.state !== "trial") return;
    const trial = this.#trial;
    const missing = this.#configuration.devices.filter(
      ({ id, index }) => trial?.expected.has(id) && !this.#delivery.has(index),
    );
    if (missing.length === 0 && this.#delivery.hasAny) {
      this.#prove(trial, "");
      return;
    }
    if (!trial || missing.length === 0) return;
    const { clock, ioClock } = this.#options;
    if (ioClock.monotonicMs() < trial.untilIoMs || clock.monotonicMs() < trial.untilPlantMs) return;
    const touched = touchedConnections(trial.fallback, this.#configuration);
    const places = missing.map(({ id, connection }) => ({
      id,
      connection: this.#configuration.connections[connection]?.id ?? "",
    }));
    const own = places.filter(({ connection }) => touched.has(connection));
    if (own.length > 0) this.#rollBack(trial, own);
    // Going back would bring none of it back.
    else
      this.#prove(
        trial,
        `no reading since from ${placesText(places)}, which the change did not touch`,
      );
  }

  #prove(trial: Trial | undefined, reason: string): void {
    this.#trial = undefined;
    this.#stand("good", this.#configuration.sha256, reason);
    if (trial?.order.answer === "proven") this.#answer(trial.order, true, reason);
  }

  #rollBack(trial: Trial, missing: readonly SilentPlace[]): void {
    const failed = this.#configuration.sha256;
    const within = formatDuration(this.#configuration.reload.healthWithinMs);
    const reason = `no reading within ${within} from ${placesText(missing)}, which was read before${this.#alsoLost(trial)}`;
    this.#trial = undefined;
    this.#run(trial.fallback);
    this.#stand("rolled-back", failed, reason);
    const outcome = ConfigurationOutcome.ROLLED_BACK;
    this.#tell(trial.order, { outcome, reason, lines: [] });
    if (trial.order.answer === "proven") this.#answer(trial.order, false, reason, true);
  }

  /** What only the configuration that is taken back reads. */
  #alsoLost({ expected }: Trial): string {
    const now = this.#delivery.delivering(this.#options.clock.monotonicMs());
    const gained = [...now].filter((id) => !expected.has(id));
    return gained.length === 0 ? "" : `; ${gained.join(", ")} gave readings, which ends with it`;
  }

  #latchRefusal(isSafetyChanged: boolean): string | undefined {
    if (!isSafetyChanged || this.#latched.length === 0) return undefined;
    return `${this.#latched.join(", ")} tripped and is not reset: what protects cannot change meanwhile; reset first`;
  }

  #stand(state: ConfigurationStanding["state"], sha256: string, reason: string): void {
    const atMs = this.#options.clock.nowMs();
    this.#standing = { state, sha256, running: this.#configuration.sha256, reason, atMs };
    this.#options.notify({ kind: "configuration", standing: this.#standing });
    this.#control.settle();
  }

  #tell(
    { by, configuration }: Reconfigure,
    { outcome, reason, lines }: { outcome: ConfigurationOutcome; reason: string; lines: string[] },
  ): void {
    const { sha256 } = configuration;
    const more = lines.length - changesToldMax;
    const changes = lines.slice(0, changesToldMax);
    if (more > 0) changes.push(`and ${more} more`);
    this.#options.notify({
      kind: "event",
      event: {
        atMs: this.#options.clock.nowMs(),
        body: { case: "configuration", value: { sha256, outcome, by, reason, changes } },
      },
    });
  }

  #answer(order: Reconfigure, accepted: boolean, ...[reason, isTakenBack]: [string, true?]): void {
    const answer = { kind: "answer", ref: order.ref, accepted, reason } as const;
    this.#options.notify(isTakenBack ? { ...answer, isTakenBack } : answer);
  }
}

interface SilentPlace {
  /** Of the device. */
  id: string;
  connection: string;
}

const placesText = (places: readonly SilentPlace[]): string =>
  places.map(({ id, connection }) => `${id} on ${connection}`).join(", ");

/** What other threads and the fog know this agent by cannot change under them. */
function fixedRefusal(before: Configuration, after: Configuration): string | undefined {
  const fixed = (c: Configuration): Record<string, unknown> => ({
    "site.id": c.site.id,
    edge: c.edge,
    "uplink.url": c.uplink?.url,
    "uplink.identity": c.uplink?.identity,
  });
  const [was, is] = [fixed(before), fixed(after)];
  const changed = Object.keys(was).filter((key) => was[key] !== is[key]);
  return changed.length === 0
    ? undefined
    : `${changed.join(", ")} cannot change while the agent runs; restart it to take the change over`;
}

/**
 * Outputs, rules and limits change by a document that people have approved, or by a restart that somebody
 * stands beside: never by a file that was saved.
 */
function tableRefusal(
  before: Configuration,
  after: Configuration,
  changes: readonly ConfigurationChange[],
): string | undefined {
  if (before.approval.isApproved && !after.approval.isApproved) {
    return "the safety table in force is approved, the new one is not; approve it (weir-edge approve)";
  }
  const isTable = ({ item, key, isSafety }: ConfigurationChange) =>
    isSafety && (/^(rule|output) /.test(item) || key === "" || /^(limits|watchdog)/.test(key));
  const change = changes.find(isTable);
  if (!change || after.approval.isApproved) return undefined;
  return `${change.text}: what protects changes while the agent runs only by an approved safety document; restart the agent to take over a table that nobody has approved`;
}

const periodMsOf = ({ tags }: Configuration, device: number): number =>
  Math.min(...tags.filter((tag) => tag.device === device).map(({ periodMs }) => periodMs));
