/**
 * Part × way → what must be seen, and by when. Each row silences one part in one way; what is expected of it is
 * looked at again and again.
 */
import type { Expectation, Row } from "./expectation.ts";
import type { Part } from "./freezer.ts";
import { restoredCloud, restoredEdge, restoredFog } from "./put-back.ts";
import { deviceLogs, deviceSilent, edgeAsked, unheardEdge } from "./unheard-plant.ts";
import {
  cloudLogs,
  cloudSilent,
  cloudUnheard,
  fogSilent,
  fogUnheard,
  siteUnheard,
} from "./unheard-servers.ts";
import { always } from "./whatever-is-silent.ts";

export const rows: readonly Row[] = [
  { part: "edge", way: "frozen", push: ["bakery"] },
  { part: "edge", way: "killed" },
  { part: "edge", way: "restored" },
  { part: "link-to-fog", way: "cut" },
  { part: "link-to-fog", way: "quiet" },
  { part: "device", way: "quiet", push: ["bakery"] },
  { part: "device", way: "cut" },
  { part: "simulator", way: "frozen", push: ["water-works"] },
  { part: "fog", way: "frozen", push: ["bakery"] },
  { part: "fog", way: "killed" },
  { part: "fog", way: "restored", push: ["bakery"] },
  { part: "cloud", way: "killed" },
  { part: "cloud", way: "frozen", push: ["water-works"] },
  { part: "cloud", way: "restored" },
  { part: "link-to-cloud", way: "cut" },
  { part: "link-to-cloud", way: "quiet" },
];

const silent: Record<Part, readonly Expectation[]> = {
  edge: [...unheardEdge, ...edgeAsked],
  "link-to-fog": [...unheardEdge, ...fogUnheard],
  device: [...deviceSilent, ...deviceLogs],
  simulator: [...deviceSilent, ...deviceLogs],
  fog: [...fogSilent, ...fogUnheard, ...siteUnheard],
  cloud: [...cloudSilent, ...cloudUnheard, ...cloudLogs],
  "link-to-cloud": [...cloudUnheard, ...cloudLogs, ...siteUnheard],
};

/** A part that is restored is silent for a moment only: what counts is what it says afterwards. */
const restored: Partial<Record<Part, readonly Expectation[]>> = {
  edge: restoredEdge,
  fog: restoredFog,
  cloud: restoredCloud,
};

export const expectationsOf = ({ part, way }: Row): readonly Expectation[] => [
  ...((way === "restored" ? restored[part] : silent[part]) ?? []),
  ...always,
];
