/** Rules that are switched off for a while: by whom, why, and until when on monotonic time. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { RuleSettings } from "../configuration/configuration.ts";
import type { Bypass } from "./safety-state.ts";

export const bypassDefaultMs = 8 * 3_600_000;
export const bypassMaxMs = 24 * 3_600_000;
/** A bypass in force is told again after this time. */
export const bypassToldEveryMs = 3_600_000;

export type BypassResult = { ok: true; expiresAtMs: number } | { ok: false; reason: string };

export class BypassTable {
  readonly #rules: readonly RuleSettings[];
  readonly #bypasses: (Bypass | undefined)[];

  constructor(rules: readonly RuleSettings[]) {
    this.#rules = rules;
    this.#bypasses = rules.map(() => undefined);
  }

  of(rule: number): Bypass | undefined {
    return this.#bypasses[rule];
  }

  isActive(rule: number, monotonicMs: number): boolean {
    const bypass = this.#bypasses[rule];
    return bypass !== undefined && monotonicMs < bypass.untilMonotonicMs;
  }

  /** `forMs` 0 asks for the default. A second one in the same trip group is refused. */
  set(
    rule: RuleSettings,
    order: { by: string; reason: string; forMs: number },
    at: { nowMs: number; monotonicMs: number },
  ): BypassResult {
    const forMs = order.forMs === 0 ? bypassDefaultMs : order.forMs;
    const refuse = (reason: string): BypassResult => ({ ok: false, reason });
    if (order.by.trim() === "") return refuse("a bypass needs the name of who asks for it");
    if (order.reason.trim() === "") return refuse("a bypass needs a reason");
    if (!(forMs > 0 && forMs <= bypassMaxMs)) {
      return refuse(`a bypass lasts at most ${bypassMaxMs / 3_600_000} h`);
    }
    const other = this.#rules.find(
      (r) => r.group === rule.group && r !== rule && this.isActive(r.index, at.monotonicMs),
    );
    if (other) return refuse(`${other.id} of the same group is bypassed; one at a time`);
    const expiresAtMs = at.nowMs + forMs;
    this.#bypasses[rule.index] = {
      by: order.by,
      reason: order.reason,
      untilMonotonicMs: at.monotonicMs + forMs,
      expiresAtMs,
      tellAtMs: at.monotonicMs + bypassToldEveryMs,
    };
    return { ok: true, expiresAtMs };
  }

  end(rule: RuleSettings, monotonicMs: number): BypassResult {
    if (!this.isActive(rule.index, monotonicMs)) {
      return { ok: false, reason: `${rule.id} is not bypassed` };
    }
    const { expiresAtMs } = elementAt(this.#bypasses, rule.index);
    this.#bypasses[rule.index] = undefined;
    return { ok: true, expiresAtMs };
  }

  /** Those in force by rule id, for the table of another configuration in the same process. */
  capture(): Record<string, Bypass> {
    const entries = this.#bypasses.flatMap((bypass, rule) =>
      bypass ? [[elementAt(this.#rules, rule).id, bypass] as const] : [],
    );
    return Object.fromEntries(entries);
  }

  /** Takes over the rest of their time; rules that are gone are left out. */
  adopt(carried: Readonly<Record<string, Bypass>>): void {
    for (const { id, index } of this.#rules) {
      const bypass = carried[id];
      if (bypass) this.#bypasses[index] = { ...bypass };
    }
  }

  /** Bypasses in force that were not told of for an hour. */
  takeToBeTold(monotonicMs: number): { rule: number; bypass: Bypass }[] {
    return this.#bypasses.flatMap((bypass, rule) => {
      if (!bypass || monotonicMs < bypass.tellAtMs || monotonicMs >= bypass.untilMonotonicMs)
        return [];
      bypass.tellAtMs = monotonicMs + bypassToldEveryMs;
      return [{ rule, bypass }];
    });
  }

  /** Removes and returns the bypasses whose time is over. */
  takeExpired(monotonicMs: number): { rule: number; bypass: Bypass }[] {
    const expired: { rule: number; bypass: Bypass }[] = [];
    for (let rule = 0; rule < this.#bypasses.length; rule++) {
      const bypass = this.#bypasses[rule];
      if (!bypass || monotonicMs < bypass.untilMonotonicMs) continue;
      this.#bypasses[rule] = undefined;
      expired.push({ rule, bypass });
    }
    return expired;
  }
}
