/** What an output is set to, or a limit: on, off, or a number. A kind of setting that only the edge has. */
import { type Setting, sentence, show } from "@weir/runtime/settings.ts";

/** YAML 1.2 reads on and off as texts. */
const levels: Record<string, number> = { on: 1, true: 1, open: 1, off: 0, false: 0, closed: 0 };

/** The name of a tag's own limit. */
export const limitNames = ["hardhigh", "hardlow"] as const;
export type LimitName = (typeof limitNames)[number];

const schema = { type: ["number", "boolean", "string"] };
const levelOf = (input: unknown): number | undefined => {
  if (typeof input === "number") return input;
  const word = String(input).toLowerCase();
  return Object.hasOwn(levels, word) ? levels[word] : undefined;
};

/** What an output is set to: on and off are 1 and 0. */
export function level({ doc }: { doc: string }): Setting<number> {
  const expected = "on, off or a number";
  return {
    doc,
    expected,
    fallback: undefined,
    schema,
    read: (input, at) => {
      const value = levelOf(input);
      if (value === undefined)
        at.complain(`${show(input)} is not ${expected}; give one of them ${sentence(doc)}`);
      return value;
    },
    draft: () => undefined,
  };
}

/** A number, or the name of a limit that the tag has. */
export function limit({ doc }: { doc: string }): Setting<number | LimitName> {
  const number = level({ doc });
  return {
    doc,
    expected: number.expected,
    fallback: undefined,
    schema,
    read: (input, at) => {
      const word = String(input).toLowerCase();
      return limitNames.find((name) => name === word) ?? number.read(input, at);
    },
    draft: () => undefined,
  };
}
