/** What edges have told once and status messages do not repeat: who bypassed what until when, which configuration was offered. */

import type { BypassView, ConfigurationView } from "@weir/contracts/api/fog.ts";
import { labelOf } from "@weir/contracts/enum-labels.ts";
import { ConfigurationOutcome, type Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";

type Offered = NonNullable<ConfigurationView["offered"]>;

const outcomes: Partial<Record<ConfigurationOutcome, Offered["outcome"]>> = {
  [ConfigurationOutcome.ACTIVE]: "active",
  [ConfigurationOutcome.REFUSED]: "refused",
  [ConfigurationOutcome.ROLLED_BACK]: "rolled-back",
};

export class NoticeBoard {
  readonly #bypasses = new Map<string, BypassView & { atMs: number }>();
  readonly #offered = new Map<string, Offered>();

  /** Folds one event of `edge` in; other kinds, and older news than what is known, change nothing. */
  take(edge: string, { body, atMs }: Event): void {
    if (body.case === "bypass") {
      const { rule, by, reason, expiresAtMs, active } = body.value;
      const key = `${edge}/${rule}`;
      if ((this.#bypasses.get(key)?.atMs ?? 0) > atMs) return;
      const untilMs = active && expiresAtMs > 0 ? expiresAtMs : null;
      this.#bypasses.set(key, { rule, by, reason, untilMs, atMs });
    } else if (body.case === "configuration") {
      if ((this.#offered.get(edge)?.atMs ?? 0) > atMs) return;
      const { sha256, outcome, by, reason, changes } = body.value;
      const offered = { sha256, outcome: labelOf(outcomes, outcome), by, reason, changes, atMs };
      this.#offered.set(edge, offered);
    }
  }

  /** The edge's own list of rules has the last word on what is bypassed. */
  bypasses(edge: string, rules: readonly string[]): BypassView[] {
    return rules.map((rule) => {
      const known = this.#bypasses.get(`${edge}/${rule}`);
      if (!known) return { rule, by: "", reason: "", untilMs: null };
      const { by, reason, untilMs } = known;
      return { rule, by, reason, untilMs };
    });
  }

  offered(edge: string): ConfigurationView["offered"] {
    return this.#offered.get(edge) ?? null;
  }
}
