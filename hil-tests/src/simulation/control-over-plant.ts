/**
 * The control half of one edge at work on the simulated plant, alone: real frames over lines in memory,
 * no fog, no database. For what happens within seconds at the machines.
 */
import { present } from "@weir/contracts/present.ts";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import type { Control } from "@weir/edge/control/control-loop.ts";
import { createLiveControl } from "@weir/edge/control/live-control.ts";
import type { ControlStatus, EventFields, Notice, Order } from "@weir/edge/hand-over.ts";
import type { LatchStore } from "@weir/edge/safety/latch-store.ts";
import type { Plant } from "@weir/firmware-sim/create-plant.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { GatewayLine } from "./gateway-channel.ts";

/** From a Modbus request to its answer, milliseconds. */
const latencyMs = 2;

type Body = NonNullable<EventFields["body"]>;
type Timed<C extends Body["case"]> = Extract<Body, { case: C }>["value"] & { atMs: number };

const latchInMemory = (): LatchStore => ({
  load: () => ({ ok: true, state: undefined }),
  save: (_, settled) => settled({ ok: true }),
});

export class ControlOverPlant {
  readonly plant: Plant;
  readonly clock: SimulatedClock;
  readonly control: Control;
  readonly told: EventFields[] = [];
  #status: ControlStatus | undefined;
  #answer: Extract<Notice, { kind: "answer" }> | undefined;
  #orderCount = 0;

  constructor(plant: Plant, configuration: Configuration) {
    this.plant = plant;
    this.clock = new SimulatedClock(plant.nowMs);
    const catchUp = () => plant.advanceTo(this.clock.nowMs());
    this.control = createLiveControl({
      configuration,
      clock: this.clock,
      ioClock: this.clock,
      channelFor: ({ id }) =>
        new GatewayLine({
          device: present(plant.devices.get(id)),
          ioClock: this.clock,
          latencyMs,
          catchUp,
        }).open,
      latchStore: latchInMemory(),
      notify: this.#take,
      logger: silentLogger,
      random: seeded(plant.seed, "control"),
    });
    this.control.start();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    this.plant.advanceTo(this.clock.nowMs());
  }

  /** Lives second by second until `isReached`; the plant's time then. Each second is shown to `isReached`. */
  async until(isReached: () => boolean, withinS: number): Promise<number | undefined> {
    for (let s = 0; s < withinS; s++) {
      if (isReached()) return this.clock.nowMs();
      await this.advance(1_000);
    }
    return undefined;
  }

  /** Bodies of one kind with their times, oldest first. */
  events<C extends Body["case"]>(kind: C): Timed<C>[] {
    return this.told.flatMap(({ atMs, body }) =>
      body?.case === kind ? [{ ...body.value, atMs } as unknown as Timed<C>] : [],
    );
  }

  get status(): ControlStatus | undefined {
    return this.#status;
  }

  reset(rule: string): { accepted: boolean; reason: string } {
    const ref = `reset ${++this.#orderCount}`;
    const order: Order = { kind: "reset-trip", ref, rule, by: "ana", reason: "it is over" };
    this.control.order(order);
    return {
      accepted: this.#answer?.ref === ref && this.#answer.accepted,
      reason: this.#answer?.reason ?? "",
    };
  }

  readonly #take = (notice: Notice): void => {
    if (notice.kind === "event") this.told.push(notice.event);
    if (notice.kind === "status") this.#status = notice.status;
    if (notice.kind === "answer") this.#answer = notice;
  };
}
