/**
 * Industry knowledge as data: what a plant measures, what stands in it, how that fails and what to do.
 * A site's packs are resolved into one of these; it travels to the cloud inside the site's description.
 */

export interface PlantPack {
  /** By id: "temperature", "dissolved_oxygen". */
  kinds: Record<string, MeasurementKind>;
  /** By id: "pump", "heat-exchanger". */
  equipment: Record<string, EquipmentClass>;
  /** Of any equipment, tried in order after those of its class. */
  failureModes: FailureMode[];
  /** What a stage's departures add up to; the first that fits is told. */
  findings: FindingPattern[];
  /** What people do to a stage that looks like a fault: id to words, "cip": "cleaning in place". */
  operations: Record<string, string>;
}

export interface MeasurementKind {
  /** "free chlorine" */
  name: string;
  /** What an operator calls the instrument, "oxygen probe"; the name where it is left out. */
  sensor?: string | undefined;
  /** By unit as it is written at the tags; the usual one first. */
  units: Record<string, UnitOfKind>;
  /** Parts of tag names that mean it: "pt", "press", "pressure". */
  names: string[];
  /** A departure is told as a percentage of what was expected, not in the unit. */
  percent: boolean;
  /** Carries the load from a stage to those it feeds: explains what they do. */
  load: boolean;
  /** What the cloud may learn for the alert rules of such a tag; nothing where left out. */
  learns?: LearnedRule | undefined;
  /** What to look at first when it changes fast. */
  checks: string[];
}

/** What is true of a kind in one of its units; all values in that unit. */
export interface UnitOfKind {
  /** No such quantity lies outside these. */
  min?: number | undefined;
  max?: number | undefined;
  /** Usual step of the displayed value. */
  resolution?: number | undefined;
  /** Usual standard deviation of the noise of a healthy instrument. */
  noise?: number | undefined;
  /** Smallest standard deviation that an alert rule trusts, whatever was learned. */
  floor?: number | undefined;
  /** What an instrument may be off and still be right; 1 % of the level where left out. */
  tolerance?: number | undefined;
  /** The unit alone tells the kind of a tag that names none. */
  decides: boolean;
}

/** A parameter of an edge's alert rules that is learned from quiet minutes, within bounds. */
export interface LearnedRule {
  /** jump: largest change within the window of the delta rule; floor: smallest trusted spread. */
  parameter: "jump" | "floor";
  /** Times what 99.9 % of quiet minutes stay below. */
  factor: number;
  /** Bounds, in the tag's unit or in steps of its resolution. */
  in: "unit" | "steps";
  low: number;
  high: number;
}

export interface EquipmentClass {
  /** "heat exchanger" */
  name: string;
  /** Beginnings of words by which a stage or an output is known to be one: "thicken", "exchanger". */
  words: string[];
  /** Tried in order before those of any equipment. */
  failureModes: FailureMode[];
  /** When a safety trip orders it and it does not follow. */
  order?: OrderFailure | undefined;
}

export interface FailureMode {
  /** ISO 14224: LOO, PLU, VIB, AIR, PDE, … */
  code: FailureCode;
  /** Why it fails, where that is known. */
  mechanism: string;
  /** Completes "<stage>: …". */
  headline: string;
  because: string;
  /** Any of these signs; always where there are none. */
  when: ChannelSign[];
  priority: Priority;
  /** Hours until it should be dealt with. */
  dueHours: number;
  /** Signs that make it more urgent. */
  urgent?: { when: ChannelSign[]; priority: Priority; dueHours: number } | undefined;
  actions: string[];
  parts: string[];
  safety: string;
  /** The measurement whose course tells when it fails, and where. */
  limit?: FailureLimit | undefined;
}

/** One channel of a stage that stands out. Every condition that is given must hold of the same channel. */
export interface ChannelSign {
  /** Any kind where empty. */
  kinds: string[];
  /** Least part of the stage's score that it causes, 0…1. */
  share: number;
  /** Which way it has gone against what it usually reads. */
  way?: "up" | "down" | undefined;
  /** How many times as much (up) or as little (down) as usual. */
  times?: number | undefined;
  /** It has a hard limit at the edge. */
  limited: boolean;
}

export interface FailureLimit {
  kinds: string[];
  /** In `unit`; the edge's hard limit counts where that is nearer. */
  high?: number | undefined;
  low?: number | undefined;
  unit: string;
}

export interface OrderFailure {
  /** It did not start, open or close a circuit; and the reverse. */
  on: FailureCode;
  off: FailureCode;
  actions: string[];
  parts: string[];
  safety: string;
}

export interface FindingPattern {
  /**
   * Alternatives of signs that must come together: "air_flow high", "dissolved_oxygen mean and
   * air_flow high". A sign is a kind and how it stands out: high, low, mean, like, slope, spread.
   */
  when: string[];
  /** Only at these classes; anywhere where empty. */
  equipment: string[];
  /** Completes "<stage>: …". */
  headline: string;
  /** Follows the sentence that names the sensors. */
  explanation: string;
  checks: string[];
}

export const priorities = ["P1", "P2", "P3", "P4"] as const;
export type Priority = (typeof priorities)[number];

/** Failure modes by their code in ISO 14224, and what they mean. */
export const failureCodes = {
  AIR: "abnormal instrument reading",
  BRD: "breakdown",
  DOP: "delayed operation",
  ELP: "external leakage, process medium",
  ELU: "external leakage, utility medium",
  ERO: "erratic output",
  FTC: "fails to close on demand",
  FTF: "fails to function on demand",
  FTI: "fails to function as intended",
  FTO: "fails to open on demand",
  FTR: "fails to regulate",
  FTS: "fails to start on demand",
  HIO: "high output",
  IHT: "insufficient heat transfer",
  INL: "internal leakage",
  LCP: "leakage in closed position",
  LOO: "low output",
  NOI: "noise",
  NOO: "no output",
  OHE: "overheating",
  OTH: "other",
  PDE: "parameter deviation",
  PLU: "plugged or choked",
  POW: "insufficient power",
  SER: "minor in-service problems",
  SPO: "spurious operation",
  STD: "structural deficiency",
  STP: "fails to stop on demand",
  UNK: "unknown",
  UST: "spurious stop",
  VIB: "vibration",
} as const;
export type FailureCode = keyof typeof failureCodes;
