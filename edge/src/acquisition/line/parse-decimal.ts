/** Numbers as instruments print them. */

const decimal = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?$/;

/** undefined for "ERR", "----", an empty field and whatever else is no number, spaces around it aside. */
export function parseDecimal(text: string, point: "." | "," = "."): number | undefined {
  const trimmed = point === "," ? swapped(text.trim()) : text.trim();
  return decimal.test(trimmed) ? Number(trimmed) : undefined;
}

/** A point is no number there, or "1.234" would be a thousand times too small. */
const swapped = (text: string): string => (text.includes(".") ? "" : text.replace(",", "."));
