/**
 * What a decoded message of an edge may say. Decoding proves the form, not the sense: a number may be NaN, a time
 * no date or next year, a text 200 kB, an enum of a later version. All of it is brought within bounds here, once,
 * before anything else looks at the message, and each change is named, so that it can be told.
 *
 * A message is mended rather than refused wherever that cannot lead astray: a trip with an impossible time is still
 * a trip, and has happened when it came.
 */
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { MessageOf } from "@weir/contracts/envelope.ts";
import { type Birth, BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { type Event, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { schemas } from "@weir/contracts/schemas.ts";
import type { Family } from "@weir/contracts/topics.ts";

const dayMs = 86_400_000;
/** What is said to be older is a wrong clock, not history, milliseconds. */
export const pastMaxMs = 400 * dayMs;
/** What lies further ahead of the fog's clock than this, and than the way may add, is not of now. */
export const aheadMaxMs = 120_000;
/** Dates that are planned lie within so long from now: tests that fall due, bypasses that end. */
const plannedMaxMs = 100 * 366 * dayMs;
/** Farthest that a duration or an instant can be from 0 and still be a date. */
const calendarMaxMs = 8.64e15;

/** Characters of a name: of a tag, a rule, an output. */
export const nameMax = 256;
/** Characters of a text for people. */
export const textMax = 1_000;
/** Entries of a list, which a page draws as so many lines. */
const entriesMax = 2_000;
/** Tags of one edge at a time, beyond what fits one packet. */
export const edgeTagsMax = 20_000;

const texts = new Set([
  ...["cause", "text", "detail", "reason", "note", "changes", "headline"],
  ...["assetPath", "agentVersion"],
]);
/** NaN says that there is no value: a trip by hand has none. */
const measures = new Set(["value", "limit", "score", "threshold"]);
const planned = new Set(["dueAtMs", "expiresAtMs"]);
const instants = /^(at|since|from|to|lastGood|start)Ms$|AtMs$/;

export interface Arrival {
  /** When the message came, plant time of the fog. */
  atMs: number;
  /** Times up to this are believed. */
  untilMs: number;
}

/** `latenessMs`: what the way may add to a time, plant milliseconds. */
export const arrivalOf = (atMs: number, latenessMs: number): Arrival => ({
  atMs,
  untilMs: atMs + aheadMaxMs + latenessMs,
});

/**
 * Brings every field of `message` within bounds, in place. Returns what was changed, a few words each; empty when
 * it was sound.
 */
export function bringWithinBounds(
  schema: DescMessage,
  message: Message,
  arrival: Arrival,
): string[] {
  const changes: string[] = [];
  mend(reflect(schema, message, false), { arrival, changes, isOuter: true });
  return changes;
}

interface Mending {
  arrival: Arrival;
  changes: string[];
  /** The message itself, whose own time must be near. */
  isOuter: boolean;
}

function mend(message: ReflectMessage, mending: Mending): void {
  for (const field of message.fields) {
    if (field.oneof && !message.isSet(field)) continue;
    mendField(message, field, mending);
  }
}

function mendField(message: ReflectMessage, field: DescField, mending: Mending): void {
  const said = (what: string) =>
    mending.changes.push(`${message.desc.name}.${field.localName} ${what}`);
  switch (field.fieldKind) {
    case "message": {
      const inner = message.isSet(field) ? message.get(field) : undefined;
      if (isReflectMessage(inner)) mend(inner, { ...mending, isOuter: false });
      return;
    }
    case "list": {
      const list = message.get(field);
      if (list.size > entriesMax) {
        said(`has ${list.size} entries, at most ${entriesMax} are taken`);
        const kept = [...list].slice(0, entriesMax);
        list.clear();
        for (const one of kept) list.add(one);
      }
      for (const [i, one] of [...list].entries()) {
        if (isReflectMessage(one)) mend(one, { ...mending, isOuter: false });
        else if (typeof one === "string") {
          const short = shortened(field.localName, one);
          if (short !== one) list.set(i, short);
        }
      }
      return;
    }
    case "enum": {
      const number = message.get(field) as number;
      if (field.enum.value[number] !== undefined) return;
      said(`has the unknown number ${number}`);
      // What a later version calls a quality is not known to be good.
      message.set(field, field.enum.name === "Quality" ? Quality.BAD : 0);
      return;
    }
    case "scalar": {
      const value = message.get(field);
      if (typeof value === "number") {
        const sound = soundNumber(field.localName, value, mending);
        if (Object.is(sound, value)) return;
        said(`is ${value}`);
        message.set(field, sound);
      } else if (typeof value === "string") {
        const short = shortened(field.localName, value);
        if (short === value) return;
        said(`has ${value.length} characters`);
        message.set(field, short);
      }
      return;
    }
    default:
  }
}

function soundNumber(name: string, value: number, { arrival, isOuter }: Mending): number {
  const { atMs, untilMs } = arrival;
  if (measures.has(name)) return Number.isFinite(value) ? value : Number.NaN;
  if (planned.has(name)) return value >= 0 && value <= atMs + plannedMaxMs ? value : 0;
  if (instants.test(name)) {
    const fromMs = isOuter ? atMs - pastMaxMs : 0;
    return value >= fromMs && value <= untilMs ? value : atMs;
  }
  if (!Number.isFinite(value)) return 0;
  return name.endsWith("Ms") && Math.abs(value) > calendarMaxMs ? 0 : value;
}

function shortened(name: string, text: string): string {
  const max = texts.has(name) ? textMax : nameMax;
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** Why the tag table of `birth` cannot be used, or `undefined`. Mends nothing: its blocks are written with it. */
export function birthFault(birth: Birth): string | undefined {
  const { tags } = birth;
  if (tags.length > edgeTagsMax) return `${tags.length} tags, at most ${edgeTagsMax} are taken`;
  if (tags.some((tag, index) => tag.index !== index)) {
    return "the tag table is not dense: index differs from position";
  }
  const ids = new Set<string>();
  for (const { id, resolution, periodMs } of tags) {
    const name = id.slice(0, 60);
    if (id === "" || id.length > nameMax) return `a tag id of ${id.length} characters`;
    if (ids.has(id)) return `two tags "${name}"`;
    ids.add(id);
    if (!(resolution >= 0 && Number.isFinite(resolution)))
      return `the resolution ${resolution} of "${name}"`;
    if (!(periodMs >= 0 && periodMs <= calendarMaxMs)) return `the period ${periodMs} of "${name}"`;
  }
  return undefined;
}

/** The same of a message of any family. Blocks are columns of numbers, which their reader looks at. */
export function bringMessageWithinBounds<F extends Family>(
  family: F,
  message: MessageOf<F>,
  arrival: Arrival,
): string[] {
  if (family === "blocks") return [];
  if (family === "birth") return birthWithinBounds(message as MessageOf<"birth">, arrival);
  if (family !== "events") return bringWithinBounds(schemas[family].message, message, arrival);
  const { events } = message as MessageOf<"events">;
  return events.flatMap((event) => bringWithinBounds(EventSchema, event, arrival));
}

/** Each tag by itself: a table is longer than any other list may be. */
function birthWithinBounds(birth: Birth, arrival: Arrival): string[] {
  const { tags } = birth;
  birth.tags = [];
  const changes = bringWithinBounds(BirthSchema, birth, arrival);
  birth.tags = tags;
  for (const tag of tags) changes.push(...bringWithinBounds(tagSchema, tag, arrival));
  return changes;
}

const tagSchema = BirthSchema.field.tags.message as DescMessage;

/** Why an event cannot be taken, or `undefined`. Its id says whose it is, and is never another edge's. */
export function eventFault(edge: string, { id }: Event): string | undefined {
  if (id.length > nameMax) return `an id of ${id.length} characters`;
  if (!id.startsWith(`${edge}/`) || id.length === edge.length + 1) {
    return `"${id}" is not an id of ${edge}, which begin with "${edge}/"`;
  }
  return undefined;
}
