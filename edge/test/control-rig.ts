/** A control loop on a simulated clock with slaves in memory: what the tests of the whole half share. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elementAt, f64, u8 } from "@weir/contracts/elements.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import { afterAll } from "vitest";

import type { Configuration } from "../src/configuration/configuration.ts";
import { loadConfiguration } from "../src/configuration/load-configuration.ts";
import { type Control, createControl } from "../src/control/control-loop.ts";
import type { EventFields, Notice, Order } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualSlave } from "./virtual-slave.ts";

export const startMs = Date.UTC(2026, 5, 2, 5);

/** One for all rigs of a file: a soak makes tens of thousands. */
const folder = mkdtempSync(join(tmpdir(), "weir-control-rig-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (name: string): string => join(folder, `${files++}-${name}`);

/** Configurations are never changed: one text is read once. */
const known = new Map<string, Configuration>();

export function configurationOf(yaml: string): Configuration {
  const same = known.get(yaml);
  if (same) return same;
  const file = newFile("edge.yaml");
  writeFileSync(file, yaml);
  const loaded = loadConfiguration(file);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  known.set(yaml, loaded.configuration);
  return loaded.configuration;
}

type Body = NonNullable<EventFields["body"]>;
type BodyOf<C extends Body["case"]> = Extract<Body, { case: C }>["value"];

export class ControlRig {
  readonly clock = new SynchronousClock(startMs);
  readonly slaves: VirtualSlave[];
  readonly notices: Notice[] = [];
  readonly configuration: Configuration;
  readonly latchFile: string;
  control: Control;

  constructor(yaml: string) {
    this.configuration = configurationOf(yaml);
    this.latchFile = newFile("latched-trips");
    this.slaves = this.configuration.connections.map(() => new VirtualSlave(this.clock));
    this.control = this.#create();
  }

  get slave(): VirtualSlave {
    return elementAt(this.slaves, 0);
  }

  /** The machine at coil 0 follows it after `afterMs`, as discrete input 0 shows. */
  followCoil(afterMs: number): void {
    this.slave.onWrite = (table, address) => {
      if (table !== "coil" || address !== 0) return;
      const value = u8(this.slave.coils, 0);
      this.clock.after(afterMs, () => {
        this.slave.discrete[0] = value;
      });
    };
  }

  #create(): Control {
    const latchStore = openLatchFile(this.latchFile);
    const control = createControl({
      configuration: this.configuration,
      clock: this.clock,
      ioClock: this.clock,
      channelFor: ({ index }) => elementAt(this.slaves, index).open,
      latchStore,
      notify: (notice) => this.notices.push(notice),
      logger: silentLogger,
      random: seeded(1, "rig"),
    });
    const kill = control.kill.bind(control);
    // The files of a process that is killed are closed.
    control.kill = () => {
      kill();
      latchStore.close();
    };
    return control;
  }

  /** As kill -9 and a start of the process. */
  restart(): void {
    this.control.kill();
    this.control = this.#create();
    this.control.start();
  }

  /** Bodies of the events of one kind, oldest first. */
  events<C extends Body["case"]>(kind: C): BodyOf<C>[] {
    return this.notices.flatMap((notice) =>
      notice.kind === "event" && notice.event.body?.case === kind
        ? [notice.event.body.value as BodyOf<C>]
        : [],
    );
  }

  /** Sends an order and returns its answer. */
  order(order: Order & { ref: string }): { accepted: boolean; reason: string } {
    this.control.order(order);
    const answer = this.notices.findLast((n) => n.kind === "answer" && n.ref === order.ref);
    if (answer?.kind !== "answer") throw new Error(`no answer to ${order.ref}`);
    return { accepted: answer.accepted, reason: answer.reason };
  }

  status() {
    const notice = this.notices.findLast((n) => n.kind === "status");
    if (notice?.kind !== "status") throw new Error("no status yet");
    return notice.status;
  }

  /** Values of one tag, oldest first. */
  readings(tag: number): { timeMs: number; value: number; quality: number }[] {
    return this.notices.flatMap((notice) => {
      if (notice.kind !== "readings") return [];
      const { tags, timesMs, values, qualities } = notice.batch;
      return [...tags].flatMap((index, i) =>
        index === tag
          ? [{ timeMs: f64(timesMs, i), value: f64(values, i), quality: u8(qualities, i) }]
          : [],
      );
    });
  }
}
