/** Which configuration an agent begins with: the site's file, or the last good one when that cannot run. */
import { formatProblems, type Problem } from "@weir/runtime/problem.ts";
import { type Effective, loadEffective } from "./effective-configuration.ts";
import type { LastGood } from "./last-good.file.ts";

type Loaded = Extract<Effective, { ok: true }>;

export type StartResult =
  | {
      ok: true;
      loaded: Loaded;
      /** Why the site's file does not run; undefined when it does. */
      fallback: string | undefined;
    }
  | { ok: false; problems: Problem[] };

export interface StartOptions {
  file: string;
  lastGood: LastGood;
  /** Text of the changes from above that were in force. */
  overlay: string | undefined;
}

export function startConfiguration({ file, lastGood, overlay }: StartOptions): StartResult {
  const own = loadEffective(file, { overlay });
  const why = own.ok ? takenBack(own, lastGood) : formatProblems(own.problems);
  if (own.ok && why === undefined) return { ok: true, loaded: own, fallback: undefined };
  const kept = lastGood.load();
  const again = kept && loadEffective(kept.file, { texts: kept.texts, overlay: kept.overlay });
  if (again?.ok) return { ok: true, loaded: again, fallback: why };
  // Nothing better is known: a valid file runs, whatever happened to it before.
  return own.ok ? { ok: true, loaded: own, fallback: undefined } : own;
}

function takenBack({ configuration }: Loaded, lastGood: LastGood): string | undefined {
  const rejected = lastGood.rejected();
  return rejected?.sha256 === configuration.sha256
    ? `${configuration.file} was taken back before: ${rejected.reason}`
    : undefined;
}
