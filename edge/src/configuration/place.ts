/*
  Register addresses as people write them. Two notations that cannot be mistaken for each other:
    holding:11      the protocol's own: counts from 0
    holding 40012   Modicon's: the first digit names the table, the rest counts from 1
  A bare "holding 12" could be either, and off-by-one is the field's commonest fault: it is refused.
*/
import { present } from "@weir/contracts/present.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { type Place, type Table, tables } from "./configuration.ts";

export type PlaceResult = { ok: true; place: Place } | { ok: false; text: string };

/** First digit of each table in Modicon's notation. */
const digits: Record<Table, string> = { coil: "0", discrete: "1", input: "3", holding: "4" };

export function parsePlace(text: string): PlaceResult {
  const match = /^\s*([A-Za-z]+)\s*(:?)\s*(\d+)\s*$/.exec(text);
  if (!match) {
    return refuse(
      `"${text}" is no register; write "holding:11" (counted from 0) or "holding 40012" (4xxxx style)`,
    );
  }
  const [, word, colon, number] = match as unknown as [string, string, string, string];
  if (!(tables as readonly string[]).includes(word)) {
    const guess = nearestName(word, tables) ?? tables.join(", ");
    return refuse(`"${word}" is no register table; did you mean ${guess}?`);
  }
  const table = word as Table;
  return colon === ":" ? protocolPlace(table, number) : modiconPlace(table, number);
}

function protocolPlace(table: Table, number: string): PlaceResult {
  const address = Number(number);
  if (address > 0xffff) {
    return refuse(`register ${number} is above 65535, the last one there is`);
  }
  return { ok: true, place: { table, address } };
}

function modiconPlace(table: Table, number: string): PlaceResult {
  if (number.length !== 5 && number.length !== 6) {
    return refuse(
      `"${table} ${number}" could count from 0 or from 1; write "${table}:${number}" (from 0) or "${table} ${modicon(table, Number(number) - 1)}" (from 1)`,
    );
  }
  if (number[0] !== digits[table]) {
    const other = tables.find((t) => digits[t] === number[0]);
    const meant = other
      ? `${number} is one of the ${other} table; write "${other} ${number}" or `
      : "write ";
    return refuse(
      `${table} registers start with ${digits[table]} in this notation: ${meant}"${table} ${digits[table]}${number.slice(1)}"`,
    );
  }
  const address = Number(number.slice(1)) - 1;
  if (address < 0) return refuse(`${number} does not exist: this notation counts from 1`);
  if (address > 0xffff)
    return refuse(`${number} is above ${modicon(table, 0xffff)}, the last one there is`);
  return { ok: true, place: { table, address } };
}

function modicon(table: Table, address: number): string {
  const position = Math.max(0, address) + 1;
  return digits[table] + String(position).padStart(position > 9_999 ? 5 : 4, "0");
}

/** Both notations, so that an off-by-one is seen: "holding:11 (40012)". */
export const formatPlace = ({ table, address }: Place): string =>
  `${table}:${address} (${modicon(table, address)})`;

/** "coil plc/11:0" or "coil plc/11 00001": table, connection, unit, register. */
export function parseWirePlace(
  text: string,
): { ok: true; connection: string; unit: number; place: Place } | { ok: false; text: string } {
  const match = /^\s*([A-Za-z]+)\s+([A-Za-z0-9_.-]+)\/(\d+)(:|\s+)(\d+)\s*$/.exec(text);
  if (!match) {
    return refuse(
      `"${text}" is no register of a connection; write "coil plc/11:0": table, connection, unit, register`,
    );
  }
  const [, table, connection, unit, separator, number] = match as unknown as string[] & {
    length: 6;
  };
  const result = parsePlace(separator === ":" ? `${table}:${number}` : `${table} ${number}`);
  if (!result.ok) return result;
  if (Number(unit) > 255) return refuse(`unit ${unit} is above 255`);
  return { ok: true, connection: present(connection), unit: Number(unit), place: result.place };
}

const refuse = (text: string): { ok: false; text: string } => ({ ok: false, text });
