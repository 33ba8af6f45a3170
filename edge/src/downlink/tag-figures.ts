/**
 * Reads payloads that set figures by tag, `{"format": …, "tags": {"TANK1/PT01": {"deltaMax": 0.3}}}`, strictly:
 * what is not understood is refused, never guessed.
 */

/** Larger payloads are refused unread, bytes. */
export const tagFiguresBytesMax = 1024 * 1024;

export interface TagFiguresForm {
  format: string;
  /** Keys that may be set; each is a number from 0. */
  fields: readonly string[];
}

export type ParsedTagFigures<Figures> =
  | { ok: true; figures: Figures }
  | { ok: false; reason: string };

/** `Figures`: the type that `form` describes. Never throws. */
export function parseTagFigures<Figures>(
  payload: Uint8Array,
  { format, fields }: TagFiguresForm,
): ParsedTagFigures<Figures> {
  const refuse = (reason: string) => ({ ok: false as const, reason });
  if (payload.length > tagFiguresBytesMax) {
    return refuse(
      `the payload has ${payload.length} bytes, at most ${tagFiguresBytesMax} are read`,
    );
  }
  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch (error) {
    return refuse(`the payload is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(root)) return refuse("the payload is not a JSON object");
  if (root["format"] !== format) {
    return refuse(`format ${JSON.stringify(root["format"])}, this agent reads "${format}"`);
  }
  const unknownKey = Object.keys(root).find((key) => key !== "format" && key !== "tags");
  if (unknownKey !== undefined) return refuse(`"${unknownKey}" is not a part of ${format}`);
  const tags = root["tags"];
  if (!isObject(tags)) return refuse(`"tags" is missing or no object`);
  for (const [tag, values] of Object.entries(tags)) {
    const reason = faultOf(tag, values, fields);
    if (reason !== undefined) return refuse(reason);
  }
  return { ok: true, figures: root as Figures };
}

function faultOf(tag: string, values: unknown, fields: readonly string[]): string | undefined {
  if (!isObject(values)) return `tags.${tag} is no object`;
  for (const [key, value] of Object.entries(values)) {
    if (!fields.includes(key)) {
      return `tags.${tag}.${key} cannot be set from outside; an artifact sets ${fields.join(", ")}`;
    }
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      return `tags.${tag}.${key} is ${JSON.stringify(value)}, a number from 0 is needed`;
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
