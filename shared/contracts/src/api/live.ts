/** What both web applications share: who is signed in, and how a series travels to a chart. */

import type { ArtifactKindLabel, ArtifactOutcomeLabel, UnknownLabel } from "../enum-labels.ts";
import type { FreshnessView } from "./freshness.ts";

export type Role = "viewer" | "operator" | "supervisor" | "engineer";

/** GET /api/session; 401 without one. */
export interface SessionView {
  user: string;
  role: Role;
  /** True until the person behind a one-time link has chosen a name and a password. */
  mustSetPassword: boolean;
  site: string;
  version: string;
  /** Plant time now and how fast it runs (1 on a real plant). */
  plantNowMs: number;
  plantRate: number;
  /** True where a demonstration started this server: pages then offer what exists for it alone. */
  demo?: boolean;
}

/** One tag in a list of all that a site has. */
export interface TagLine {
  /** "<edge>/<device>/<name>" */
  id: string;
  name: string;
  unit: string;
  stage: string;
  /** As people call it; undefined where the site has not described itself. */
  stageName?: string;
  kind: string;
  /** The kind was inferred from unit and name. */
  kindInferred?: boolean;
  /** Undefined where a tier does not watch single tags. */
  freshness?: FreshnessView;
  /** Its edge was configured without it then; what it has measured stays to be looked at. */
  removedAtMs?: number;
}

/** A decimated series: min/max envelope per bucket, never losing a spike. NaN-free: gaps are null. */
export interface SeriesView {
  tag: string;
  name: string;
  unit: string;
  /** Bucket start, seconds since epoch (uPlot's unit). */
  at: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  /** Learned normal band (p5, p95), when known. */
  bandLow?: number | undefined;
  bandHigh?: number | undefined;
  hardLow?: number | undefined;
  hardHigh?: number | undefined;
}

/** Every error answer of an API. */
export interface ErrorView {
  code: string;
  message: string;
}

export interface ArtifactView {
  name: string;
  kind: ArtifactKindLabel | UnknownLabel;
  version: number;
  where: string;
  outcome: ArtifactOutcomeLabel | UnknownLabel;
  reason: string;
  atMs: number;
}
