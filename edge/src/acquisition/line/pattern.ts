/**
 * Regular expressions as the configuration may hold them: characters, classes, groups, alternatives and
 * repeats. What looks around or back is refused: nobody can bound the time it takes.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";

/** One bit for each character 0…255, and one for the end of the line. */
export type Charset = bigint;

export const endOfLine: Charset = 1n << 256n;
const everyCharacter: Charset = (1n << 256n) - 1n;

export type PatternNode =
  | { is: "set"; set: Charset }
  | { is: "sequence"; items: PatternNode[] }
  | { is: "choice"; options: PatternNode[] }
  | { is: "repeat"; body: PatternNode; min: number; max: number }
  /** A place, not a character: the start of the line, the edge of a word. */
  | { is: "start" | "boundary" };

export type ParsedPattern =
  | { ok: true; root: PatternNode; groups: string[] }
  | { ok: false; text: string };

export function parsePattern(source: string): ParsedPattern {
  try {
    new RegExp(source);
  } catch (error) {
    const text = (error as Error).message.replace(/^Invalid regular expression: /, "");
    return { ok: false, text: `is no regular expression: ${text}` };
  }
  const parser = new Parser(source);
  const root = parser.choice();
  if (parser.refusal !== undefined) return { ok: false, text: parser.refusal };
  return { ok: true, root, groups: parser.groups };
}

const range = (from: number, to: number): Charset => {
  let set = 0n;
  for (let code = from; code <= to; code++) set |= 1n << BigInt(code);
  return set;
};
const one = (code: number): Charset => 1n << BigInt(code);

const digits = range(48, 57);
const wordCharacters = digits | range(65, 90) | range(97, 122) | one(95);
const spaces = range(9, 13) | one(32) | one(160);
const lineEnds = one(10) | one(13);

const classes: Record<string, Charset> = {
  d: digits,
  D: everyCharacter & ~digits,
  w: wordCharacters,
  W: everyCharacter & ~wordCharacters,
  s: spaces,
  S: everyCharacter & ~spaces,
};
const controls: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Reads what the engine has accepted already, so it need not complain about form. */
class Parser {
  readonly #source: string;
  #at = 0;
  readonly groups: string[] = [];
  refusal: string | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  choice(): PatternNode {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? elementAt(options, 0) : { is: "choice", options };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.#at < this.#source.length && !"|)".includes(present(this.#source[this.#at]))) {
      items.push(this.#repeated(this.#atom()));
    }
    return { is: "sequence", items };
  }

  #repeated(body: PatternNode): PatternNode {
    const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at));
    if (!match) return body;
    this.#at += match[0].length;
    const [word, from, comma, to] = match;
    if (from !== undefined) {
      const min = Number(from);
      const max = comma === "" ? min : to === "" ? Number.POSITIVE_INFINITY : Number(to);
      return { is: "repeat", body, min, max };
    }
    const min = word[0] === "+" ? 1 : 0;
    return { is: "repeat", body, min, max: word[0] === "?" ? 1 : Number.POSITIVE_INFINITY };
  }

  #atom(): PatternNode {
    const character = present(this.#source[this.#at++]);
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return { is: "set", set: this.#class() };
      case ".":
        return { is: "set", set: everyCharacter & ~lineEnds };
      case "^":
        return { is: "start" };
      case "$":
        return { is: "set", set: endOfLine };
      case "\\":
        return this.#escape();
      default:
        return { is: "set", set: this.#literal(character.charCodeAt(0)) };
    }
  }

  #group(): PatternNode {
    const opening = /^\?(?::|<([A-Za-z_$][\w$]*)>)/.exec(this.#source.slice(this.#at));
    if (opening) {
      this.#at += opening[0].length;
      if (opening[1] !== undefined) this.groups.push(opening[1]);
    } else if (this.#source[this.#at] === "?") {
      this.refusal ??= `looks ahead or behind at "(${this.#source.slice(this.#at, this.#at + 3)}", which is not allowed here`;
      this.#at = this.#source.length;
      return { is: "boundary" };
    }
    const body = this.choice();
    this.#take(")");
    return body;
  }

  #escape(): PatternNode {
    const next = this.#source[this.#at] ?? "";
    if (next === "b" || next === "B") {
      this.#at++;
      return { is: "boundary" };
    }
    return { is: "set", set: this.#escaped() };
  }

  /** After the backslash, in a class or outside one. */
  #escaped(): Charset {
    const next = this.#source[this.#at++] ?? "";
    if (Object.hasOwn(classes, next)) return present(classes[next]);
    const code = /^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/.exec(this.#source.slice(this.#at - 1));
    if (code) {
      this.#at += code[0].length - 1;
      return this.#literal(Number.parseInt(present(code[1] ?? code[2]), 16));
    }
    if (Object.hasOwn(controls, next)) return one(present(controls[next]));
    if (/[A-Za-z1-9]/.test(next)) {
      const why = /[1-9k]/.test(next) ? "refers back" : "has a meaning that is not allowed here";
      this.refusal ??= `"\\${next}" ${why}`;
      return 0n;
    }
    return this.#literal(next.charCodeAt(0));
  }

  #class(): Charset {
    const isNegated = this.#take("^");
    let set = 0n;
    while (this.#at < this.#source.length && !this.#take("]")) {
      const from = this.#member();
      const hasRange = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
      if (hasRange && from.code !== undefined) {
        this.#at++;
        const to = this.#member();
        set |= to.code === undefined ? from.set | to.set | one(45) : range(from.code, to.code);
      } else {
        set |= from.set;
      }
    }
    return isNegated ? everyCharacter & ~set : set;
  }

  #member(): { set: Charset; code: number | undefined } {
    const character = present(this.#source[this.#at++]);
    if (character !== "\\") {
      const code = character.charCodeAt(0);
      return { set: this.#literal(code), code };
    }
    if (this.#source[this.#at] === "b") {
      this.#at++;
      return { set: one(8), code: 8 };
    }
    const set = this.#escaped();
    const isSingle = set !== 0n && (set & (set - 1n)) === 0n;
    return { set, code: isSingle ? set.toString(2).length - 1 : undefined };
  }

  #literal(code: number): Charset {
    if (code <= 0xff) return one(code);
    this.refusal ??= `holds "${String.fromCharCode(code)}", which no byte of a line can be`;
    return 0n;
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
