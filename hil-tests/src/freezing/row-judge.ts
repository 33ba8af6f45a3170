/**
 * Judges look by look what is seen of a silence. What is promised must be seen in time and stay to be seen; what must
 * never be said is a fault at its first sight, also when it is taken back a moment later.
 */
import type { Due, Expectation, Phase, Scene } from "./expectation.ts";
import type { Lie } from "./no-lie.ts";
import { plantMsOf, type Within } from "./promises.ts";

/** What must not be read once `after` is over, counted from the beginning of the silence. */
export interface Forbidden {
  after: Within;
  liesIn: (scene: Scene) => Lie[];
}

export interface Look {
  scene: Scene;
  /** From the beginning of the phase to the beginning of the look, plant time. */
  sinceMs: number;
  /** What the machine may add to every promise, real time. */
  machineMs: number;
  /** Status commands have been run, too; after it the phase is over. */
  isLast: boolean;
}

export interface Finding {
  phase: Phase;
  /** Plant time from the beginning of the phase to the look that first saw it. */
  sinceMs: number;
  where: string;
  says: string;
  saw: string;
}

export interface RowJudgeOptions {
  expectations: readonly Expectation[];
  forbidden: readonly Forbidden[];
  /** Plant seconds in a real one. */
  rate: number;
}

export class RowJudge {
  readonly #options: RowJudgeOptions;
  readonly #findings = new Map<string, Finding>();
  /** When each was seen first, plant time since its phase began. */
  readonly #toldMs = new Map<Expectation, number>();

  constructor(options: RowJudgeOptions) {
    this.#options = options;
  }

  /** Each fault once, as it was first seen. */
  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  /** After how much plant time each promise was first seen to be kept. */
  get times(): { where: string; says: string; toldMs: number }[] {
    return [...this.#toldMs].map(([{ where, says }, toldMs]) => ({ where, says, toldMs }));
  }

  /** Plant time from the beginning of `phase` after which nothing of it may still be owed. */
  allDueMs(phase: Phase, machineMs: number): number {
    const dues = this.#options.expectations.map(({ due }) =>
      isOf(due, phase) ? plantMsOf(due.within, this.#options.rate, machineMs) : 0,
    );
    return Math.max(0, ...dues);
  }

  /** Everything that is promised of `phase` has been seen. */
  isAllTold(phase: Phase): boolean {
    return this.#options.expectations.every(
      (one) => !isOf(one.due, phase) || this.#toldMs.has(one),
    );
  }

  look(look: Look): void {
    const { scene } = look;
    for (const one of this.#options.expectations) this.#expect(one, look);
    if (scene.phase === "back") return;
    for (const { after, liesIn } of this.#options.forbidden) {
      if (look.sinceMs < this.#dueMs(after, look)) continue;
      for (const { where, words, about } of liesIn(scene))
        this.#find(look, { where, says: `no claim about ${about}`, saw: words });
    }
  }

  #expect(one: Expectation, look: Look): void {
    const { due, where, says, isLast } = one;
    const { phase } = look.scene;
    if (due !== "ever" && due.phase !== phase) return;
    if (isLast && !look.isLast) return;
    const saw = one.saw(look.scene);
    if (one.holds(saw as never, look.scene)) {
      if (!this.#toldMs.has(one)) this.#toldMs.set(one, look.sinceMs);
      return;
    }
    if (due !== "ever" && look.sinceMs < this.#dueMs(due.within, look)) return;
    const isTakenBack = due !== "ever" && this.#toldMs.has(one);
    const found = JSON.stringify(saw) ?? "nothing";
    this.#find(look, {
      ...{ where, says },
      saw: isTakenBack ? `it was told, and is so no longer: ${found}` : found,
    });
  }

  #dueMs(within: Within, { machineMs }: Look): number {
    return plantMsOf(within, this.#options.rate, machineMs);
  }

  #find({ scene, sinceMs }: Look, what: Pick<Finding, "where" | "says" | "saw">): void {
    const key = `${scene.phase} ${what.where} ${what.says}`;
    if (!this.#findings.has(key)) this.#findings.set(key, { phase: scene.phase, sinceMs, ...what });
  }
}

const isOf = (due: Due, phase: Phase): due is Exclude<Due, "ever"> =>
  due !== "ever" && due.phase === phase;
