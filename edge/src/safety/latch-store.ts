/** Where latched trips outlive the process. A trip is reported only after it is safe. */
import type { LatchedState } from "./safety-state.ts";

export type LatchLoad =
  /** `state` undefined: nothing was ever stored. */
  | { ok: true; state: LatchedState | undefined }
  /** Something is stored and cannot be trusted. */
  | { ok: false; reason: string };

export type LatchSaved = { ok: true } | { ok: false; reason: string };

export interface LatchStore {
  load(): LatchLoad;
  /**
   * Calls `settled` once: when `state` survives a power cut, or with the reason why it does not. Within
   * this call or later; never before an earlier save has settled.
   */
  save(state: LatchedState, settled: (saved: LatchSaved) => void): void;
}
