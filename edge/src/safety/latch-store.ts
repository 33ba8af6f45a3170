/** Where latched trips outlive the process. Synchronous: a trip is reported only after it is safe. */
import type { LatchedState } from "./safety-state.ts";

export type LatchLoad =
  /** `state` undefined: nothing was ever stored. */
  | { ok: true; state: LatchedState | undefined }
  /** Something is stored and cannot be trusted. */
  | { ok: false; reason: string };

export interface LatchStore {
  load(): LatchLoad;
  /** Returns when `state` survives a power cut, or says why it does not. */
  save(state: LatchedState): { ok: true } | { ok: false; reason: string };
}
