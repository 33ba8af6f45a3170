/** What a device's `machine` says, with what follows from it and what cannot be. */
import { bearingOrders } from "@weir/detectors/vibration/bearing-lines.ts";
import { severityLimits } from "@weir/detectors/vibration/severity.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { BearingDraft, MachineDraft } from "../acquisition/vibration/frames-keys.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { fault, type Resolving } from "./resolving.ts";

const countMax = 32_767;
const mmS2PerG = 9_806.65;
/** The slowest vibration that counts: the same acceleration is the largest velocity there. */
const bandLowHz = 10;

const defaultScale = {
  /** mm/s of one count: ±327 mm/s. */
  velocity: 0.01,
  /** g of one count: ±16 g. */
  acceleration: 0.0005,
};

/** Highest frequency that a sensor of 1 kHz is believed. */
export const highestHz = 400;

export function resolveMachine(
  at: Resolving,
  raw: MachineDraft,
  path: SettingPath,
): MachineSettings | undefined {
  const { speed: rpm, kW } = raw;
  if (rpm === undefined || kW === undefined) return undefined; // noted when the keys were read
  const before = at.problems.length;
  const { signal, mounting, category } = raw;
  const scale = raw.scale ?? defaultScale[signal];
  if (scale === 0) {
    fault(at, [...path, "scale"], "0 makes every value the same; write what one count is worth");
  }
  const bearing = raw.bearing && resolveBearing(at, raw.bearing, [...path, "bearing"]);
  // Tags would only repeat what is wrong here.
  if (at.problems.length > before) return undefined;
  const perCount = signal === "velocity" ? 1 : mmS2PerG / (2 * Math.PI * bandLowHz);
  return {
    signal,
    scale,
    rpm,
    speedTag: undefined, // connected when every tag is known
    bearing,
    kW,
    mounting,
    category,
    limits: severityLimits({ kW, mounting, category }),
    fullScaleMmS: scale * countMax * perCount,
  };
}

function resolveBearing(at: Resolving, raw: BearingDraft, path: SettingPath) {
  const { balls, ball, pitch, angle } = raw;
  if (balls === undefined || ball === undefined || pitch === undefined) return undefined;
  if (ball >= pitch) {
    return fault(
      at,
      [...path, "ball"],
      `a ball of ${ball} is not smaller than the circle of ${pitch} it runs on; pitch is the diameter through the balls' centres`,
    );
  }
  const round = Math.PI * pitch;
  if (balls * ball > round) {
    return fault(
      at,
      [...path, "balls"],
      `${balls} balls of ${ball} do not fit on a circle of ${pitch}, at most ${Math.floor(round / ball)} do; check the three figures`,
    );
  }
  return { balls, ball, pitch, angle };
}

/** Frequency of a feature's highest line; undefined where it is none. */
export function lineHz(name: string, { rpm, bearing }: MachineSettings): number | undefined {
  const shaftHz = rpm / 60;
  const line = name.replace(/^[xyz]\.|-ratio$/g, "");
  if (line === "1x") return shaftHz;
  if (line === "2x") return 2 * shaftHz;
  if (line === "3x-10x") return 3 * shaftHz;
  const orders = bearing && bearingOrders(bearing);
  if (orders && Object.hasOwn(orders, line)) return orders[line as keyof typeof orders] * shaftHz;
  return undefined;
}
