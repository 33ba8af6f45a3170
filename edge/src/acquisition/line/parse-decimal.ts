/** Numbers as instruments print them. */

const decimal = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?$/;

/** undefined for "ERR", "----", an empty field and whatever else is no number, spaces around it aside. */
export function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed) : undefined;
}
