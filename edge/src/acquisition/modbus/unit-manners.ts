/** What a serial line's master has learned of each unit: how fast it answers, and which probes. */
import type { ModbusRequest } from "./request.ts";

/**
 * Functions that read nothing of the process and change nothing, so that their answers, and refusals,
 * look like nothing else: return query data, report server id, get communication event counter, read
 * exception status. Some devices answer none of them, some only a few. libmodbus is silent to 8, answers
 * 17, and takes half a second to refuse 11.
 */
export const probeCodes = [8, 17, 11, 7] as const;
export type ProbeCode = (typeof probeCodes)[number];

/** The usual turnaround forgets this much of itself with each faster answer. */
const keep = 0.98;
/** Jitter of the operating system and of adapters, added to what was seen, milliseconds. */
const jitterMs = 5;

interface Manners {
  turnaroundMs: number;
  /** Probes that have been tried for the first time, of `probeCodes`. */
  introduced: number;
  answers: ProbeCode[];
  /** Function 8 comes back with its data: no other is needed. */
  returns: boolean;
}

export class UnitManners {
  readonly #turnaroundMs: number;
  readonly #units = new Map<number, Manners>();

  /** `turnaroundMs`: until something has been seen. */
  constructor(turnaroundMs: number) {
    this.#turnaroundMs = turnaroundMs;
  }

  answered(unit: number, turnaroundMs: number): void {
    const manners = this.#of(unit);
    manners.turnaroundMs = Math.max(turnaroundMs, manners.turnaroundMs * keep);
  }

  /** By this time after a request's last byte `unit` has usually begun to answer. */
  usualTurnaroundMs(unit: number): number {
    return 2 * this.#of(unit).turnaroundMs + jitterMs;
  }

  /** The probe that `unit` has yet to be tried with; undefined when everything is known. */
  introduction(unit: number): ProbeCode | undefined {
    const { introduced, returns } = this.#of(unit);
    return returns ? undefined : probeCodes[introduced];
  }

  /** Probes worth sending to `unit`: those it answers; all while nothing is known; none when it is deaf. */
  probes(unit: number): readonly ProbeCode[] {
    const { answers, returns, introduced } = this.#of(unit);
    if (returns) return [8];
    return answers.length > 0 || introduced === probeCodes.length ? answers : probeCodes;
  }

  /** `hasData`: it was not a refusal. Then nothing else need be tried on that device. */
  heard(unit: number, fc: ModbusRequest["fc"], hasData: boolean): void {
    const manners = this.#of(unit);
    const code = this.#tried(manners, fc);
    if (code && !manners.answers.includes(code)) manners.answers.push(code);
    if (hasData) manners.introduced = probeCodes.length;
    if (hasData && fc === 8) manners.returns = true;
  }

  wasSilent(unit: number, fc: ModbusRequest["fc"]): void {
    this.#tried(this.#of(unit), fc);
  }

  #tried(manners: Manners, fc: ModbusRequest["fc"]): ProbeCode | undefined {
    if (fc === probeCodes[manners.introduced]) manners.introduced++;
    return probeCodes.find((code) => code === fc);
  }

  #of(unit: number): Manners {
    let manners = this.#units.get(unit);
    if (!manners) {
      const turnaroundMs = this.#turnaroundMs;
      manners = { turnaroundMs, introduced: 0, answers: [], returns: false };
      this.#units.set(unit, manners);
    }
    return manners;
  }
}
