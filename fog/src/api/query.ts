/** Reads the query of a request: a value that cannot be is answered with 400, itself and its bounds. */
import { HttpFault, type WebRequest } from "@weir/runtime/web/server.ts";

type Query = WebRequest["query"];

/** Times that can be written as a date. */
const timeMaxMs = Date.UTC(9999, 11, 31);
const tagLengthMax = 300;

/** A whole number from 1 to `max`. */
export function bounded(query: Query, name: string, bound: { otherwise: number; max: number }) {
  const given = query[name];
  if (given === undefined) return bound.otherwise;
  const value = Number(given);
  if (/^\d{1,15}$/.test(given) && value >= 1 && value <= bound.max) return value;
  throw new HttpFault(
    400,
    "FOG_API_BOUND",
    `"${name}" ${shown(given)} is not a whole number from 1 to ${bound.max}`,
  );
}

/** UTC milliseconds, `from` before `to`. */
export function span(query: Query): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = [time(query, "from"), time(query, "to")];
  if (toMs <= fromMs)
    throw new HttpFault(400, "FOG_API_SPAN", `"to" ${toMs} is not after "from" ${fromMs}`);
  return { fromMs, toMs };
}

function time(query: Query, name: string): number {
  const given = query[name] ?? "";
  const value = Number(given);
  if (given.trim() !== "" && value >= 0 && value <= timeMaxMs) return value;
  throw new HttpFault(
    400,
    "FOG_API_NUMBER",
    `"${name}" ${shown(given)} is not a number from 0 to ${timeMaxMs} (UTC milliseconds)`,
  );
}

/** Tag ids, separated by commas. */
export function tagList(query: Query, max: number): string[] {
  const tags = (query["tags"] ?? "").split(",").filter(Boolean);
  if (tags.length === 0 || tags.length > max)
    throw new HttpFault(
      400,
      "FOG_API_TAGS",
      `${tags.length} tags; between 1 and ${max} can be drawn`,
    );
  const long = tags.find((tag) => tag.length > tagLengthMax);
  if (long !== undefined)
    throw new HttpFault(
      400,
      "FOG_API_TAGS",
      `a tag's id has ${long.length} characters, more than ${tagLengthMax}`,
    );
  return tags;
}

export function oneOf<T extends string>(
  query: Query,
  name: string,
  { of, otherwise }: { of: readonly T[]; otherwise: T },
): T {
  const given = query[name] ?? otherwise;
  const found = of.find((one) => one === given);
  if (found !== undefined) return found;
  throw new HttpFault(400, "FOG_API_STATE", `${name} ${shown(given)} is not ${of.join(", ")}`);
}

const shown = (given: string): string =>
  JSON.stringify(given.length > 60 ? `${given.slice(0, 57)}…` : given);
