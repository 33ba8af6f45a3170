/** The site's own file with what the fog may have laid over it. */
import { formatProblems, type Problem } from "@weir/runtime/problem.ts";
import { connectionLoad } from "../acquisition/connection-load.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { configurationDiff, guardedItems } from "../configuration/configuration-diff.ts";
import {
  type LoadResult,
  loadConfiguration,
  utilisationWarn,
} from "../configuration/load-configuration.ts";
import { readOverlay } from "../configuration/overlay.ts";

export type Effective =
  | {
      ok: true;
      configuration: Configuration;
      warnings: Problem[];
      texts: ReadonlyMap<string, string>;
      overlay: string | undefined;
      /** Why `overlay` was given and is not in force. */
      overlayRefusal: string | undefined;
    }
  | { ok: false; problems: Problem[] };

export interface EffectiveOptions {
  texts?: ReadonlyMap<string, string> | undefined;
  /** Text of the changes, verified before. */
  overlay?: string | undefined;
}

/** A fault in the overlay never makes the site's own file unusable: it is left out, with the reason. */
export function loadEffective(file: string, options: EffectiveOptions = {}): Effective {
  const from = options.texts ? { texts: options.texts } : {};
  const own = loadConfiguration(file, from);
  if (!own.ok) return own;
  const alone = { ...own, overlay: undefined, overlayRefusal: undefined };
  const text = options.overlay;
  if (text === undefined) return alone;
  const merged = layOnto(own, { file, text });
  if (!merged.ok) return { ...alone, overlayRefusal: merged.reason };
  const { configuration, warnings } = merged.result;
  return { ...alone, configuration, warnings, overlay: text };
}

type Loaded = Extract<LoadResult, { ok: true }>;
type Laid = { ok: true; result: Loaded } | { ok: false; reason: string };

function layOnto(own: Loaded, { file, text }: { file: string; text: string }): Laid {
  const refuse = (reason: string): Laid => ({ ok: false, reason });
  if (own.configuration.downlink.configuration !== "allow") {
    return refuse("this site does not let its configuration be changed from above (downlink)");
  }
  const overlay = readOverlay("changes", text);
  if (!overlay.ok) return refuse(formatProblems(overlay.problems));
  const result = loadConfiguration(file, { texts: own.texts, overlay: overlay.overlay });
  if (!result.ok) return refuse(formatProblems(result.problems));
  const guarded = configurationDiff(own.configuration, result.configuration).filter(
    ({ isSafety, item }) => isSafety || item === "agent",
  );
  if (guarded.length > 0) {
    const what = guarded.map((change) => change.text).join("; ");
    return refuse(`limits, outputs and what protects cannot be changed from above: ${what}`);
  }
  const crowded = crowdedConnection(own.configuration, result.configuration);
  if (crowded !== undefined) return refuse(crowded);
  return { ok: true, result };
}

/** What protects shares its connections: others may not take the time that it needs. */
function crowdedConnection(own: Configuration, next: Configuration): string | undefined {
  const guarded = guardedItems(own);
  for (const connection of next.connections) {
    const before = own.connections.find(({ id }) => id === connection.id);
    if (!before || !guarded.has(`connection ${connection.id}`)) continue;
    const { utilisation } = connectionLoad(next, connection);
    if (utilisation <= utilisationWarn) continue;
    if (utilisation <= connectionLoad(own, before).utilisation) continue;
    const percent = Math.round(utilisation * 100);
    return `${connection.id} would be busy for ${percent} % of its time, and safety rules need it; at most ${utilisationWarn * 100} % can be asked for from above`;
  }
  return undefined;
}
