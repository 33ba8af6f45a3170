/** What must be seen of a part that is silent, and where: the shape of it, and what is looked at again and again. */
import type { FreshnessView, IncidentView } from "@weir/contracts/api/fog.ts";
import type { HealthProblem, TierHealth } from "@weir/contracts/api/health.ts";
import type { ProgramEvent } from "@weir/testing/child-process.ts";
import type { Freezer, Part, Way } from "./freezer.ts";
import type { Within } from "./promises.ts";
import type { Answer, PageText, Surfaces } from "./surfaces.ts";

export interface Row {
  part: Part;
  way: Way;
  /** In the small size: on these plants. In the large one every row runs on every plant. */
  push?: readonly ("water-works" | "bakery")[];
}

/** While the part is silent, or after it is back. */
export type Phase = "silent" | "back";

/** When something must be seen. */
export type Due =
  /** By then, counted from the beginning of the phase, and at every look from then to its end. */
  | { phase: Phase; within: Within }
  /** At every look from the first to the last. */
  | "ever";

export const whileSilent = (within: Within): Due => ({ phase: "silent", within });
export const onceBack = (within: Within): Due => ({ phase: "back", within });

export interface Scene {
  freezer: Freezer;
  row: Row;
  phase: Phase;
  /** Plant time at which the part fell silent. */
  silentSinceMs: number;
  /** What a sign may be late by, plant time: the line, the machine, the rate. */
  toleranceMs: number;
  seen: Surfaces;
  /** Before it fell silent. */
  before: Surfaces;
  /** What a part has logged since then, and told programs that read along. */
  logOf: (part: string) => string;
  eventsOf: (part: string) => readonly ProgramEvent[];
}

export interface Expectation {
  due: Due;
  where: string;
  says: string;
  /** Of a status command, which is a process of its own: only at the last look of a silence. */
  isLast?: true;
  /** What was seen there. */
  saw: (scene: Scene) => unknown;
  holds: (saw: never, scene: Scene) => boolean;
}

export const healthOf = ({ status, text }: Answer): TierHealth | undefined =>
  status === 0 ? undefined : (JSON.parse(text) as TierHealth);

export const problemsOf = (answer: Answer): readonly HealthProblem[] =>
  healthOf(answer)?.problems ?? [];

export const openOf = ({ seen }: Scene, kind: IncidentView["kind"]): IncidentView[] =>
  (seen.fog?.incidents ?? []).filter((one) => one.kind === kind && one.state === "open");

/** Problems that a tier's metrics say are there. */
export const problemMetrics = ({ text }: Answer, tier: string): string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`weir_${tier}_problem{`) && line.endsWith(" 1"));

export const pageOf = (pages: readonly PageText[], path: string): string =>
  pages.find((page) => page.path === path)?.text ?? "";

/** The instant lies between the last sign of life and what may be late. */
export const isAbout = (
  sinceMs: number | null | undefined,
  { silentSinceMs, toleranceMs }: Scene,
) => typeof sinceMs === "number" && Math.abs(sinceMs - silentSinceMs) <= toleranceMs;

export const brief = ({ state, heardAtMs, sinceMs, reason }: FreshnessView) => ({
  ...{ state, heardAtMs, sinceMs, reason },
});

/** An expectation whose `holds` is typed by its `saw`. */
export const expectation = <T>(
  one: Omit<Expectation, "saw" | "holds"> & {
    saw: (scene: Scene) => T;
    holds: (saw: T, scene: Scene) => boolean;
  },
): Expectation => one as Expectation;

/** Lines of a log that hold a word, the newest few. */
export const linesWith = (log: string, word: string): string[] =>
  log
    .split("\n")
    .filter((line) => line.includes(word))
    .slice(-5);
