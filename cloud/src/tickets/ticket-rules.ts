/** Detector output → failure mode, action, priority (tickets.md §4.1), as a table. First match wins. */
import type { TicketView } from "@weir/contracts/api/cloud.ts";
import type { SiteTagInfo } from "../historian/tag-table.ts";
import { dayMs, hourMs } from "../limits.ts";

/** One channel of an abnormal stage: what it read before, what it reads now. */
export interface ChannelChange {
  tag: SiteTagInfo;
  /** Of the stage's score, 0…1. */
  share: number;
  usual: number;
  now: number;
  /** How many usual spreads of its hours lie between the two. */
  distance: number;
}

export interface StageFacts {
  equipment: string;
  /** Largest share first. */
  channels: readonly ChannelChange[];
}

export interface TicketRule {
  id: string;
  applies(facts: StageFacts): boolean;
  failureMode: string;
  mechanism: string;
  /** Completes "<stage name>: …". */
  headline: string;
  because: string;
  priority(facts: StageFacts): TicketView["priority"];
  policyMs(facts: StageFacts): number;
  actions: string[];
  parts: string[];
  safety: string;
  /** The tag whose course tells when it fails, and at which value. */
  failure?: { kinds: readonly string[]; limit: (tag: SiteTagInfo) => number };
}

const isTop = (facts: StageFacts, kinds: readonly string[], least = 0.25) =>
  facts.channels.some(({ tag, share }) => kinds.includes(tag.kind) && share >= least);

const hasHardLimit = ({ channels }: StageFacts) =>
  channels[0]?.tag.hardLow != null || channels[0]?.tag.hardHigh != null;

/** A probe alone is suspected when it causes this share of the score. */
const loneShare = 0.7;
/** Solids leave over the weir of a gravity thickener once the blanket stands this high, m (plant.md §1.8). */
const blanketOverflowM = 3;
/** Transmembrane pressure at which a membrane must be cleaned, kPa (plant.md §1.8). */
const membraneLimitKpa = 50;

const probeKinds = [
  "chlorine_free",
  "ph",
  "turbidity",
  "dissolved_oxygen",
  "ammonia",
  "nitrate",
  "orp",
  "conductivity",
  "uv254",
];

export const ticketRules: readonly TicketRule[] = [
  {
    id: "thickener",
    applies: (facts) => /thicken/i.test(facts.equipment),
    failureMode: "LOO",
    mechanism: "compaction lost (bulking or septic sludge)",
    headline: "sludge no longer thickens as it should",
    because:
      "A rising blanket with thinner underflow means that the sludge no longer settles dense; left alone, solids go over the weir and back to the head of the works.",
    priority: () => "P2",
    policyMs: () => 48 * hourMs,
    actions: [
      "Check the underflow pump: rate, suction, blockage",
      "Check polymer dosing and make-up",
      "Take a sludge sample: SVI, smell, microscopy",
      "Raise wasting until the blanket falls",
    ],
    parts: ["underflow pump stator"],
    safety: "Hydrogen sulphide at septic sludge: gas meter, two persons.",
    failure: { kinds: ["blanket", "level"], limit: (tag) => tag.hardHigh ?? blanketOverflowM },
  },
  {
    id: "membrane",
    applies: (facts) =>
      /membrane|mbr|ultrafilt|\buf\b/i.test(facts.equipment) && isTop(facts, ["pressure"]),
    failureMode: "PLU",
    mechanism: "membrane fouling",
    headline: "membrane is fouling faster than usual",
    because: "More pressure for the same flow means that pores are closing.",
    priority: ({ channels }) =>
      channels.some(({ tag, usual, now }) => tag.kind === "pressure" && now > 1.8 * usual)
        ? "P2"
        : "P3",
    policyMs: () => 5 * dayMs,
    actions: [
      "Maintenance clean, then CIP if the pressure does not come back",
      "Check flux set-point and scouring air",
    ],
    parts: ["sodium hypochlorite", "citric acid"],
    safety: "Chemical cleaning: gloves, goggles, never mix acid and hypochlorite.",
    failure: { kinds: ["pressure"], limit: () => membraneLimitKpa },
  },
  {
    id: "bearing",
    applies: (facts) => isTop(facts, ["vibration"], 0.4),
    failureMode: "VIB",
    mechanism: "2.4 wear",
    headline: "machine vibrates more than it used to",
    because: "Vibration that grows at the same load is the early sign of a bearing.",
    priority: () => "P3",
    policyMs: () => 7 * dayMs,
    actions: ["Grease", "Put on the spectrum route", "Order the bearing"],
    parts: ["bearing set"],
    safety: "Lock out before touching the coupling.",
    failure: { kinds: ["vibration"], limit: (tag) => tag.hardHigh ?? 5 },
  },
  {
    id: "probe",
    applies: (facts) => isTop(facts, probeKinds, loneShare),
    failureMode: "AIR",
    mechanism: "3.x instrument failure",
    headline: "one probe no longer agrees with the rest of its stage",
    because:
      "Its neighbours do not show what it shows, so the probe is suspected before the water.",
    priority: (facts) => (hasHardLimit(facts) ? "P2" : "P3"),
    policyMs: (facts) => (hasHardLimit(facts) ? dayMs : 5 * dayMs),
    actions: ["Grab sample beside the probe", "Clean and calibrate at two points"],
    parts: ["electrode or sensor cap"],
    safety: "Tell the control room before cleaning a probe in a safety loop.",
  },
  {
    id: "pump",
    applies: (facts) => /pump/i.test(facts.equipment),
    failureMode: "LOO",
    mechanism: "2.4 wear or clogging",
    headline: "pump gives less than it used to",
    because: "Pressure, flow and current no longer fit together as they did.",
    priority: () => "P3",
    policyMs: () => 14 * dayMs,
    actions: ["Check for clogging", "Measure the wear ring", "Check the non-return valve"],
    parts: ["wear ring", "mechanical seal"],
    safety: "Lock out, relieve pressure.",
  },
  {
    id: "deviation",
    applies: () => true,
    failureMode: "PDE",
    mechanism: "not known yet",
    headline: "stage no longer behaves as learned",
    because: "Its sensors no longer fit together as they did while the model was learned.",
    priority: () => "P3",
    policyMs: () => 5 * dayMs,
    actions: [
      "Look at the trends of the named sensors",
      "Walk down the stage",
      "Take a grab sample",
    ],
    parts: [],
    safety: "",
  },
];

export const ruleFor = (facts: StageFacts): TicketRule =>
  ticketRules.find((rule) => rule.applies(facts)) as TicketRule;
