/** A final element of a plant and where it is wired. */
import type { TruthKind } from "../faults/truth-log.ts";

export type ActuatorKind =
  | "dosing-pump"
  | "divert-valve"
  | "blower"
  | "motor"
  | "breaker"
  /** A burner's own gas valve and ignition, in one. */
  | "burner"
  /** The main valve that gas passes before any burner. */
  | "gas-valve";

/** What an element that no longer follows its loop does to the plant. */
export interface RunawayEffect {
  kind: TruthKind;
  /** Its name in the ground truth. */
  type: string;
  /** True quantity that it drives away, three times `sigma` to be seen, and where harm begins. */
  signal: string;
  sigma: number;
  failAbove: number;
}

export interface ActuatorSpec {
  id: string;
  /** Name of the output in an edge's configuration. */
  name: string;
  kind: ActuatorKind;
  stage: string;
  gateway: string;
  /** State of the coil when the controller starts, and on the way to which it de-energises. */
  initial: boolean;
  safe: boolean;
  feedbacks: readonly string[];
  /** Of a breaker or main valve: the elements that hang on it. */
  feeds?: readonly string[];
  /** Sensors that show its failures first. */
  shownBy?: readonly string[];
  /** Left out: it cannot run away. */
  runaway?: RunawayEffect;
}

/** A motor behind its contactor: it runs as long as nobody stops it, and stopped is safe. */
export const motor = {
  kind: "motor",
  initial: true,
  safe: false,
  feedbacks: ["running", "thermal"],
} as const satisfies Partial<ActuatorSpec>;
