/** What a suite gets and what it says. */
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import type { Expectation } from "../rigs/agent.ts";
import type { Rig } from "../rigs/rig.ts";
import type { RigHost } from "../rigs/rig-host.ts";

export type Verdict = "passed" | "failed" | "skipped";

export interface ResultRow {
  what: string;
  measured: string;
  /** What was asked of it; empty: for information. */
  asked: string;
  ok: boolean;
}

export interface Distribution {
  name: string;
  unit: string;
  samples: readonly number[];
  /** Lines drawn beside the samples: what arithmetic says. */
  marks: readonly { label: string; at: number }[];
}

/** For who wants to see everything. */
export interface ResultTable {
  name: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What a suite that ran says. */
export interface SuiteFindings {
  rows: readonly ResultRow[];
  distributions: readonly Distribution[];
  tables?: readonly ResultTable[];
}

export interface SuiteResult extends SuiteFindings {
  id: string;
  title: string;
  verdict: Verdict;
  /** Why it was skipped, or what it is about; one sentence. */
  about: string;
}

export interface SuiteOptions {
  /** Length of the suites that read. */
  readMs: number;
  /** How often what ends in one figure is measured. */
  repeatCount: number;
  /** 0: no soak. */
  soakMs: number;
}

export interface SuiteContext {
  rig: Rig;
  host: RigHost;
  configuration: Configuration;
  expect: Expectation;
  /** For files of this run. */
  folder: string;
  options: SuiteOptions;
  /** Asks the person at the rig to do something; undefined when nobody is there. */
  ask: ((what: string) => Promise<void>) | undefined;
  say: (line: string) => void;
}

export interface Suite {
  id: string;
  title: string;
  about: string;
  /** Why it cannot run on this rig, or undefined. */
  unfit: (context: SuiteContext) => string | undefined;
  run: (context: SuiteContext) => Promise<SuiteFindings>;
}

export const info = (what: string, measured: string): ResultRow => ({
  what,
  measured,
  asked: "",
  ok: true,
});

export const check = (what: string, row: { measured: string; asked: string; ok: boolean }) => ({
  what,
  ...row,
});

export const ms = (value: number): string =>
  Number.isNaN(value) ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
