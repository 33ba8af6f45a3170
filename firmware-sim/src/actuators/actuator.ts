/**
 * One final element: what it is commanded, how it moves, what its feedback contacts say, and how it
 * fails. All times are the plant's.
 */
import type { ActuatorKind, ActuatorSpec } from "./actuator-spec.ts";

export type ActuatorFailure =
  /** The contactor is welded: it runs whatever the coil says. */
  | "welded"
  /** It stops, but siphons 10 %. */
  | "siphon"
  /** The feedback contacts repeat the command, not the truth. */
  | "feedback-lies"
  /** The valve stops at 40 %. */
  | "sticks"
  /** The stroke takes 60 s. */
  | "slow-travel"
  /** Neither limit switch closes. */
  | "limit-switch"
  /** It does what it pleases: mg/L of a dosing pump, share of full fire of a burner. Cleared by stopping it. */
  | "runaway"
  /** It has tripped by itself and does not run. */
  | "tripped";

export const actuatorFailures: Record<
  ActuatorFailure,
  { doc: string; kinds: readonly ActuatorKind[] }
> = {
  welded: {
    doc: "does not stop (welded contact)",
    kinds: ["dosing-pump", "motor", "blower", "burner"],
  },
  siphon: { doc: "stops, but siphons 10 %", kinds: ["dosing-pump"] },
  "feedback-lies": {
    doc: "the feedback repeats the command",
    kinds: ["dosing-pump", "motor", "blower", "divert-valve", "burner"],
  },
  sticks: { doc: "sticks at 40 % of the stroke", kinds: ["divert-valve"] },
  "slow-travel": { doc: "takes 60 s for the stroke", kinds: ["divert-valve"] },
  "limit-switch": { doc: "limit switches do not close", kinds: ["divert-valve"] },
  runaway: { doc: "follows its own mind until stopped", kinds: ["dosing-pump", "burner"] },
  tripped: {
    doc: "has tripped and does not run",
    kinds: ["blower", "motor", "dosing-pump", "breaker", "burner"],
  },
};

/** How far an element may run away. */
export const runawayBounds: Readonly<
  Partial<Record<ActuatorKind, { default: number; min: number; max: number }>>
> = {
  "dosing-pump": { default: 6, min: 0, max: 12 },
  burner: { default: 1, min: 0, max: 1 },
};

/** Seconds from standstill to the command and back. */
const times: Readonly<Record<ActuatorKind, { start: number; stop: number }>> = {
  "dosing-pump": { start: 3, stop: 2 },
  blower: { start: 15, stop: 25 },
  motor: { start: 4, stop: 8 },
  "divert-valve": { start: 20, stop: 20 },
  breaker: { start: 0.5, stop: 0.1 },
  burner: { start: 6, stop: 1 },
  "gas-valve": { start: 2, stop: 1 },
};
/** Without power these stay where they are; what turns runs out, and springs close what carries gas. */
const restsWithoutPower: ReadonlySet<ActuatorKind> = new Set(["divert-valve", "breaker"]);
const blowerRestMs = 5 * 60_000;
/** Written to a speed register: the controller's own loop decides. */
export const speedAuto = 0xffff;
export const speedFull = 10_000;

export class Actuator {
  readonly spec: ActuatorSpec;
  coil: boolean;
  /** 0…10 000, or `speedAuto`. */
  speed = speedAuto;
  /** 0…1: share of full stroke, or of full speed. */
  position: number;
  /** The breaker it hangs on. */
  supply: Actuator | undefined;
  /** The mains are gone for a moment. */
  isDark = false;
  readonly failures = new Map<ActuatorFailure, number>();
  /** Called when a runaway ends because somebody stopped the pump. */
  onCleared: (failure: ActuatorFailure) => void = () => {};
  #stoppedMs = Number.NEGATIVE_INFINITY;

  constructor(spec: ActuatorSpec) {
    this.spec = spec;
    this.coil = spec.initial;
    this.position = spec.initial ? 1 : 0;
  }

  get isPowered(): boolean {
    return !this.isDark && (this.supply === undefined || this.supply.position > 0.5);
  }

  /** Would run as far as command, supply and its own protection go. */
  get isCommanded(): boolean {
    return this.coil && this.isPowered && !this.failures.has("tripped");
  }

  command(on: boolean, nowMs: number): void {
    if (this.coil && !on) this.#stoppedMs = nowMs;
    if (!on && this.failures.has("runaway") && !this.failures.has("welded")) {
      this.failures.delete("runaway");
      this.onCleared("runaway");
    }
    this.coil = on;
  }

  step(dtS: number, nowMs: number): void {
    const { kind } = this.spec;
    const goal = this.#goal(nowMs);
    const time = goal > this.position ? times[kind].start : times[kind].stop;
    const slower = this.failures.has("slow-travel") ? 3 : 1;
    const move = dtS / (time * slower);
    const next =
      goal > this.position
        ? Math.min(goal, this.position + move)
        : Math.max(goal, this.position - move);
    this.position = this.failures.has("sticks") ? clampTo(next, this.position, 0.4) : next;
  }

  #goal(nowMs: number): number {
    if (this.failures.has("tripped")) return 0;
    if (!this.isPowered) return this.#withoutPower();
    if (this.failures.has("welded")) return 1;
    const resting =
      this.spec.kind === "blower" && this.position === 0 && nowMs - this.#stoppedMs < blowerRestMs;
    return this.coil && !resting ? 1 : 0;
  }

  #withoutPower(): number {
    return restsWithoutPower.has(this.spec.kind) ? this.position : 0;
  }

  /** Share of its maximum that it delivers when its loop wants `wanted`; `sharePerDose` is that of one unit of a runaway. */
  delivers(wanted: number, sharePerDose: number): number {
    const runawayDose = this.failures.get("runaway");
    const asked = this.speed === speedAuto ? wanted : this.speed / speedFull;
    const running =
      this.position * (runawayDose === undefined ? asked : runawayDose * sharePerDose);
    return this.failures.has("siphon") ? Math.max(running, 0.1 * asked) : running;
  }

  /** State of the contacts, in the order of `spec.feedbacks`. */
  feedback(index: number): boolean {
    const believed = this.failures.has("feedback-lies") ? (this.coil ? 1 : 0) : this.position;
    const name = this.spec.feedbacks[index];
    if (name === "open") return !this.failures.has("limit-switch") && believed > 0.99;
    if (name === "closed") return !this.failures.has("limit-switch") && believed < 0.01;
    if (name === "energised") return believed > 0.5;
    if (name === "running" || name === "flow" || name === "flame") return believed > 0.05;
    return false; // thermal, surge, earthed
  }
}

/** A valve that sticks moves only as far as `stop`, from whichever side. */
const clampTo = (next: number, from: number, stop: number): number =>
  from <= stop ? Math.min(next, stop) : Math.max(next, stop);
