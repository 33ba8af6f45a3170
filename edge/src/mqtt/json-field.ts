/** A number out of a message in JSON, by the path of its field. */

/** Longest message taken, bytes: a device's state is some hundred. */
export const messageBytesMax = 65_536;

/** undefined: the bytes are no JSON. A bare number is `{"value": …}`. */
export function parseMessage(bytes: Uint8Array): unknown {
  if (bytes.length > messageBytesMax) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof value === "object" ? value : { value };
  } catch {
    return undefined;
  }
}

/** Characters of a text that is shown because it is no number. */
const textShownMax = 40;

export interface FieldValue {
  /** NaN: something is there that is no number. */
  number: number;
  /** What is there, as the message has it; only of what is no number. */
  text: string;
}

/**
 * The value at `path`, "sensor.temp" or "readings.0", as a number: true is 1, "7.21" is 7.21. undefined
 * when nothing is there.
 */
export function fieldValue(message: unknown, path: string): FieldValue | undefined {
  let value = message;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  const number = numberIn(value);
  return { number, text: Number.isNaN(number) ? shownText(value) : "" };
}

function numberIn(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" && value.trim() !== "") return Number(value);
  return Number.NaN;
}

function shownText(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > textShownMax ? `${text.slice(0, textShownMax)}…` : text;
}
