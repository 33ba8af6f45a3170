/**
 * Remembers what is not well: since when each problem is there, and that the log was told once as it began and
 * once as it ended. What every tier's health is made with, whatever its severities are called.
 */
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";

export interface Problem {
  /** Stable, for programs. */
  code: string;
  severity: string;
  /** What it is about; with the code it names the problem. */
  subject: string;
  text: string;
  /** Plant time. */
  sinceMs: number;
}

/** A problem as it is found; `sinceMs` where whoever found it knows better than when it was first looked for. */
export type Found<P extends Problem> = Omit<P, "sinceMs"> & { sinceMs?: number | undefined };

/** A problem that comes and goes is logged once in this time, a pressing one again while it lasts; I/O clock. */
export const logEveryMs = 60_000;
/** One that has stood so long does not only come and go: it is logged whenever the last time was. I/O clock. */
export const standsAfterMs = 5_000;

export interface ProblemMemoryOptions<P extends Problem> {
  ioClock: Clock;
  logger: Logger;
  /** How a problem stands in the log; `isPressing`: said again and again while it lasts. */
  logged: (problem: P) => { level: "info" | "warn" | "error"; text: string; isPressing: boolean };
}

interface Known<P> {
  problem: P;
  begunIoMs: number;
  loggedIoMs: number;
  /** It was logged since it began, as severe as it is. */
  isLogged: boolean;
  isOver: boolean;
}

export class ProblemMemory<P extends Problem> {
  readonly #options: ProblemMemoryOptions<P>;
  readonly #known = new Map<string, Known<P>>();

  constructor(options: ProblemMemoryOptions<P>) {
    this.#options = options;
  }

  /** Everything that is not well at `atMs`, plant time; what is not among `found` is over. */
  take(found: readonly Found<P>[], atMs: number): P[] {
    const problems = found.map((one) => this.#note(one, atMs));
    this.#end(problems);
    return problems;
  }

  #note(found: Found<P>, atMs: number): P {
    const nowMs = this.#options.ioClock.monotonicMs();
    const key = keyOf(found);
    const known = this.#known.get(key);
    const isOn = known !== undefined && !known.isOver;
    const sinceMs = found.sinceMs ?? (isOn ? known.problem.sinceMs : atMs);
    // Found and P differ in this field alone.
    const problem = { ...found, sinceMs } as unknown as P;
    const isSame = isOn && known.problem.severity === problem.severity;
    const next = {
      problem,
      begunIoMs: isOn ? known.begunIoMs : nowMs,
      loggedIoMs: known?.loggedIoMs ?? Number.NEGATIVE_INFINITY,
      isLogged: isSame && known.isLogged,
      isOver: false,
    };
    this.#known.set(key, next);
    const hasWorsened = isOn && !isSame;
    const isRecent = nowMs - next.loggedIoMs < logEveryMs;
    const { level, text, isPressing } = this.#options.logged(problem);
    if (next.isLogged && (!isPressing || isRecent)) return problem;
    const stands = nowMs - next.begunIoMs >= standsAfterMs;
    if (isRecent && !hasWorsened && !stands) return problem;
    next.loggedIoMs = nowMs;
    next.isLogged = true;
    this.#options.logger[level](text, fieldsOf(problem));
    return problem;
  }

  #end(problems: readonly P[]): void {
    const { logger, ioClock } = this.#options;
    const now = new Set(problems.map(keyOf));
    for (const [key, known] of this.#known) {
      if (now.has(key)) continue;
      if (!known.isOver) {
        known.isOver = true;
        if (known.isLogged) logger.info(`over: ${known.problem.text}`, fieldsOf(known.problem));
      }
      if (ioClock.monotonicMs() - known.loggedIoMs >= logEveryMs) this.#known.delete(key);
    }
  }
}

const fieldsOf = ({ code, subject }: Problem) => ({ code, ...(subject !== "" && { subject }) });

const keyOf = ({ code, subject }: Pick<Problem, "code" | "subject">): string =>
  `${code} ${subject}`;
