/*
  How long a regular expression may take on a line that does not match. An engine that tries one way
  after the other needs as many steps as there are ways to lay the expression over the line. Where the
  next character alone decides between going on and leaving off, there is one way; where it does not, the
  ways multiply. The product is an upper bound, so a safe expression may be refused; a slow one is not
  accepted.
*/
import { type PatternNode, parsePattern } from "./pattern.ts";

/** Steps for one line: a millisecond or two. */
export const stepsMax = 2 ** 21;
/** Copies of a group that a counted repeat may stand for. */
const copiesMax = 64;

export type PatternCheck = { ok: true; groups: string[] } | { ok: false; text: string };

/** Whether `source` is a regular expression that any line of `lengthMax` characters is quick to try. */
export function checkPattern(source: string, lengthMax: number): PatternCheck {
  const parsed = parsePattern(source);
  if (!parsed.ok) return parsed;
  const { root, groups } = parsed;
  // The expression may stop anywhere: what follows it decides nothing.
  const ways = waysOf(root, 0n, lengthMax);
  const starts = isAnchored(root) ? 1 : lengthMax;
  if (ways * starts * lengthMax <= stepsMax) return { ok: true, groups };
  const anchor = starts > 1 ? 'begin it with "^"; ' : "";
  return {
    ok: false,
    text: `could take too long on a line of ${lengthMax} characters: ${anchor}let what follows each repeat differ from what is repeated, as "[^,]*,", and repeat no repeats`,
  };
}

/** Characters that may come first, and whether the node may be empty. */
function firstOf(node: PatternNode): { set: bigint; isEmpty: boolean } {
  switch (node.is) {
    case "set":
      return { set: node.set, isEmpty: false };
    case "start":
    case "boundary":
      return { set: 0n, isEmpty: true };
    case "repeat": {
      const body = firstOf(node.body);
      return { set: body.set, isEmpty: body.isEmpty || node.min === 0 };
    }
    case "choice": {
      const options = node.options.map(firstOf);
      return {
        set: options.reduce((all, { set }) => all | set, 0n),
        isEmpty: options.some(({ isEmpty }) => isEmpty),
      };
    }
    case "sequence": {
      let set = 0n;
      for (const item of node.items) {
        const first = firstOf(item);
        set |= first.set;
        if (!first.isEmpty) return { set, isEmpty: false };
      }
      return { set, isEmpty: true };
    }
  }
}

/** Ways to lay `node` over a line when one of `follow` comes next. */
function waysOf(node: PatternNode, follow: bigint, lengthMax: number): number {
  switch (node.is) {
    case "set":
    case "start":
    case "boundary":
      return 1;
    case "sequence":
      return waysOfSequence(node.items, follow, lengthMax);
    case "choice":
      return waysOfChoice(node.options, follow, lengthMax);
    case "repeat":
      return waysOfRepeat(node, follow, lengthMax);
  }
}

function waysOfSequence(items: readonly PatternNode[], follow: bigint, lengthMax: number): number {
  let ways = 1;
  let next = follow;
  for (const item of items.toReversed()) {
    ways *= waysOf(item, next, lengthMax);
    const first = firstOf(item);
    next = first.isEmpty ? first.set | next : first.set;
  }
  return ways;
}

function waysOfChoice(options: readonly PatternNode[], follow: bigint, lengthMax: number): number {
  const ways = options.map((option) => waysOf(option, follow, lengthMax));
  let seen = 0n;
  let areDisjoint = true;
  for (const option of options) {
    const first = firstOf(option);
    const set = first.isEmpty ? first.set | follow : first.set;
    if ((seen & set) !== 0n) areDisjoint = false;
    seen |= set;
  }
  return areDisjoint ? Math.max(...ways) : ways.reduce((sum, n) => sum + n, 0);
}

function waysOfRepeat(
  { body, min, max }: Extract<PatternNode, { is: "repeat" }>,
  follow: bigint,
  lengthMax: number,
): number {
  const first = firstOf(body);
  const isDecided = (first.set & follow) === 0n;
  if (body.is === "set") return isDecided ? 1 : Math.min(max, lengthMax) - min + 1;
  if (first.isEmpty && max > 1) return Number.POSITIVE_INFINITY;
  const inner = waysOf(body, (max > 1 ? first.set : 0n) | follow, lengthMax);
  if (max === Number.POSITIVE_INFINITY) {
    return inner === 1 && isDecided ? 1 : Number.POSITIVE_INFINITY;
  }
  if (max > copiesMax) return Number.POSITIVE_INFINITY;
  return inner ** max * (isDecided ? 1 : max - min + 1);
}

function isAnchored(node: PatternNode): boolean {
  switch (node.is) {
    case "start":
      return true;
    case "choice":
      return node.options.every(isAnchored);
    case "sequence":
      return node.items[0] !== undefined && isAnchored(node.items[0]);
    default:
      return false;
  }
}
