/** The channels of a rule: one tag, or several that vote. */
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { TagSettings, VoteSettings } from "./configuration.ts";
import type { CauseDraft } from "./document-safety.ts";
import { findTag } from "./resolve-devices.ts";
import { fault, type Resolving, unknownName, warn } from "./resolving.ts";

/** Of the span: how far a channel may lie from the others before it is told, where nothing is said. */
const deviationShare = 0.05;

interface Known {
  tags: readonly TagSettings[];
  /** Ids of tags that have faults of their own. */
  faulty: ReadonlySet<string>;
  /** Of `when`. */
  path: SettingPath;
}

export function resolveChannels(
  at: Resolving,
  when: CauseDraft,
  known: Known,
): { tag: TagSettings; vote: VoteSettings } | undefined {
  const { path } = known;
  const votes = when.vote !== undefined || when.tags !== undefined;
  if (!votes && when.tag === undefined) return fault(at, path, '"tag" is missing: the cause');
  if (!votes) {
    for (const key of ["onBadChannel", "deviation"] as const) {
      if (when[key] !== undefined) fault(at, [...path, key], "only a vote has channels");
    }
    const tag = resolveTag(at, when.tag as string, { ...known, path: [...path, "tag"] });
    return (
      tag && { tag, vote: { tags: [tag.index], needed: 1, onBadChannel: "trip", deviation: 1 } }
    );
  }
  if (when.tag !== undefined) fault(at, [...path, "tag"], "a vote names its channels in `tags`");
  const tags = (when.tags ?? []).flatMap((name, i) => {
    const tag = name && resolveTag(at, name, { ...known, path: [...path, "tags", i] });
    return tag ? [tag] : [];
  });
  const [needed, count] = (when.vote ?? "0oo0").split("oo").map(Number) as [number, number];
  if (when.vote === undefined) fault(at, path, '"vote" is missing: write it as 2oo3');
  else if (count !== (when.tags ?? []).length) {
    fault(
      at,
      [...path, "tags"],
      `${when.vote} needs ${count} tags, not ${(when.tags ?? []).length}`,
    );
  } else if (needed > count) {
    fault(at, [...path, "vote"], `${needed} of ${count} can never be reached`);
  }
  const [first, ...others] = tags;
  if (!first || tags.length !== (when.tags ?? []).length) return undefined;
  for (const other of others) {
    if (other.unit !== first.unit || other.kind !== first.kind) {
      fault(at, [...path, "tags"], `${other.id} does not measure the same as ${first.id}`);
    }
    if (other.device === first.device) {
      warn(
        at,
        [...path, "tags"],
        `${other.id} and ${first.id} are on one device and fail together`,
      );
    }
  }
  if (new Set(tags).size < tags.length) fault(at, [...path, "tags"], "a tag votes twice");
  const onBadChannel = when.onBadChannel ?? "trip";
  const deviation = when.deviation ?? deviationShare;
  return {
    tag: first,
    vote: { tags: tags.map(({ index }) => index), needed, onBadChannel, deviation },
  };
}

function resolveTag(at: Resolving, name: string, known: Known): TagSettings | undefined {
  const { tags, faulty, path } = known;
  const tag = findTag(tags, name);
  if (tag) return tag;
  // A tag with faults of its own is there, and told of already.
  if ([...faulty].some((id) => id === name || id.endsWith(`/${name}`))) return undefined;
  return unknownName(at, path, { what: "tag", name, names: tags.map(({ id }) => id) });
}
