/**
 * The vocabulary in which the configuration's document is described. One description gives the
 * check (read-field.ts) and the JSON Schema for editors (json-schema.ts).
 */

export type Field =
  | { is: "table"; doc: string; fields: Record<string, Field>; needs?: readonly string[] }
  /** Names of the user's choice to values of one kind. */
  | { is: "map"; doc: string; key: RegExp; keyDoc: string; value: Field }
  | { is: "list"; doc: string; item: Field }
  /** One or the other, told apart by their form. */
  | { is: "listOrTable"; doc: string; list: Field; table: Field }
  | { is: "text"; doc: string; pattern?: RegExp; patternDoc?: string; values?: readonly string[] }
  | { is: "number"; doc: string; min?: number; max?: number; isInteger?: boolean }
  /** "500ms", "3s", "10m", "8h": read as milliseconds. */
  | { is: "duration"; doc: string; minMs: number; maxMs: number }
  | { is: "flag"; doc: string }
  /** What an output is set to: on, off, or a register's value. */
  | { is: "level"; doc: string };

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const idDoc = "letters, digits, dot, dash and underscore, at most 63";

export const text = (doc: string, pattern?: RegExp, patternDoc?: string): Field => ({
  is: "text",
  doc,
  ...(pattern && { pattern, patternDoc: patternDoc ?? String(pattern) }),
});
export const id = (doc: string): Field => text(doc, idPattern, idDoc);
export const choice = (doc: string, values: readonly string[]): Field => ({
  is: "text",
  doc,
  values,
});
export const number = (doc: string, bounds: { min?: number; max?: number } = {}): Field => ({
  is: "number",
  doc,
  ...bounds,
});
export const integer = (doc: string, bounds: { min: number; max: number }): Field => ({
  is: "number",
  doc,
  isInteger: true,
  ...bounds,
});
export const duration = (doc: string, bounds: { minMs: number; maxMs: number }): Field => ({
  is: "duration",
  doc,
  ...bounds,
});
export const flag = (doc: string): Field => ({ is: "flag", doc });
export const level = (doc: string): Field => ({ is: "level", doc });
export const list = (doc: string, item: Field): Field => ({ is: "list", doc, item });
export const listOrTable = (doc: string, either: { list: Field; table: Field }): Field => ({
  is: "listOrTable",
  doc,
  ...either,
});
export const table = (
  doc: string,
  fields: Record<string, Field>,
  needs: readonly string[] = [],
): Field => ({ is: "table", doc, fields, needs });
export const mapOf = (doc: string, value: Field): Field => ({
  is: "map",
  doc,
  key: idPattern,
  keyDoc: idDoc,
  value,
});
export const mapOfNumbers = (doc: string, value: Field): Field => ({
  is: "map",
  doc,
  key: /^\d{1,10}$/,
  keyDoc: "a whole number from 0",
  value,
});
