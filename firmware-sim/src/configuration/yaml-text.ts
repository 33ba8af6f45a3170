/** Values as YAML text: plain where that is safe, quoted where not; maps and lists on one line. */

export type YamlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

const plain = /^[A-Za-z0-9/][A-Za-z0-9 _./+-]*$/;
/** Words that YAML readers of one version or another take for something else. */
const words = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;
const numeric = /^[+-]?(?:\d|\.\d)/;

export function scalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const isSafe = plain.test(value) && !words.test(value) && !numeric.test(value);
  return isSafe && !value.endsWith(" ") ? value : JSON.stringify(value);
}

/** `{id: D11, tags: [a, b]}`; keys without a value are left out. */
export function flow(value: object | YamlValue): string {
  if (value === undefined) return "null";
  if (typeof value !== "object") return scalar(value as string | number | boolean);
  if (Array.isArray(value)) return `[${value.map((item: YamlValue) => flow(item)).join(", ")}]`;
  const pairs = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${scalar(key)}: ${flow(item as YamlValue)}`);
  return `{${pairs.join(", ")}}`;
}
