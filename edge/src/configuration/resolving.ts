/** What the resolve-*.ts files share: where to note a fault, and how names become indexes. */
import { nearestName } from "@weir/runtime/nearest-name.ts";
import type { Problem, SettingPath } from "@weir/runtime/problem.ts";
import { type ReadOptions, readDraft, type Setting } from "@weir/runtime/settings.ts";
import type { YamlResult, YamlSource } from "@weir/runtime/yaml-source.ts";

export interface Resolving {
  source: YamlSource;
  problems: Problem[];
  warnings: Problem[];
  /** Reads another file that this one names. */
  read: (file: string) => YamlResult;
}

/** A key without a value is a fault, lest a limit be lost in silence; every fault is told. */
export const reading: ReadOptions = {
  isNothingRefused: true,
  problemCountMax: Number.POSITIVE_INFINITY,
};

/** What a document says, past all its faults. */
export function readDocument<Draft>(
  at: Pick<Resolving, "source" | "problems">,
  setting: Setting<unknown, Draft>,
): Draft {
  const read = readDraft(at.source, setting, reading);
  at.problems.push(...read.problems);
  return read.draft;
}

export function fault(at: Resolving, path: SettingPath, text: string): undefined {
  at.problems.push(at.source.problem(path, text));
  return undefined;
}

export function warn(at: Resolving, path: SettingPath, text: string): void {
  at.warnings.push(at.source.problem(path, text));
}

/** Notes that `name` is none of `names`, with the nearest one. */
export function unknownName(
  at: Resolving,
  path: SettingPath,
  found: { what: string; name: string; names: readonly string[] },
): undefined {
  const { what, name, names } = found;
  const guess = nearestName(name, names);
  const known = names.length === 0 ? "none is defined" : `known: ${names.slice(0, 12).join(", ")}`;
  return fault(
    at,
    path,
    `there is no ${what} "${name}"; ${guess ? `did you mean ${guess}?` : known}`,
  );
}
