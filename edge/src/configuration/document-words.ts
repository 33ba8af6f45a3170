/** Kinds of values and keys that several parts of the configuration's document share. */
import { choice, duration, integer, text } from "@weir/runtime/setting-kinds.ts";
import { map, optional } from "@weir/runtime/setting-tables.ts";
import type { Setting } from "@weir/runtime/settings.ts";
import { byteOrders } from "./configuration.ts";

/** Longest text of a key, characters; what is longer was meant for another file. */
const textMax = 10_000;
/** Most entries of a list or table of names. */
export const entriesMax = 65_535;
export const periodMin = "10ms";

/** Free text; a number is taken as it stands. */
export const words = (doc: string) => text({ doc, max: textMax, takesNumbers: true });

/** Text of which a form is known. */
export const wordsLike = (doc: string, like: string) =>
  text({ doc, max: textMax, takesNumbers: true, like });

const idForm = "letters, digits, dot, dash and underscore, at most 63";
const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

export const id = (doc: string) =>
  text({
    doc,
    pattern: idPattern,
    takesNumbers: true,
    form: `a name of ${idForm}`,
    like: '"TANK1"',
  });

/** Values by an id of the user's choice. */
export const byId = <T, Draft>(of: Setting<T, Draft>, doc: string) =>
  map(of, { doc, key: idPattern, keyForm: idForm, max: entriesMax });

/** Values by a code or a bit. */
export const byNumber = <T, Draft>(of: Setting<T, Draft>, doc: string) =>
  map(of, { doc, key: /^\d{1,10}$/, keyForm: "a whole number from 0", max: entriesMax });

export const place = (doc: string) =>
  words(`${doc} "holding:11" counts from 0, "holding 40012" is the same register in 4xxxx style.`);

/** Where nothing is said. */
export const unitDefault = 1;
export const byteOrderDefault = "ABCD";

export const unit = optional(
  integer({ default: unitDefault, min: 0, max: 255, doc: "Modbus unit id." }),
);
export const byteOrder = optional(
  choice(byteOrders, {
    default: byteOrderDefault,
    doc: "Where the bytes A (most significant) to D lie, first to last.",
  }),
);

/** What a device may need otherwise than its neighbours on the line. */
export const quirks = {
  gap: duration({ default: 0, min: 0, max: "10s", doc: "Quiet time between two requests." }),
  maxRegisters: integer({
    default: 120,
    min: 1,
    max: 125,
    doc: "Largest count of registers in one request.",
  }),
  maxHole: integer({
    default: 8,
    min: 0,
    max: 124,
    doc: "Unused registers that one request may span.",
  }),
};

/** The same keys at a device: its connection's figures where it gives none. */
export const deviceQuirks = {
  gap: optional(duration({ min: 0, max: "10s", doc: "Its own quiet time between two requests." })),
  maxRegisters: optional(
    integer({ min: 1, max: 125, doc: "Its own largest count of registers in one request." }),
  ),
  maxHole: optional(
    integer({ min: 0, max: 124, doc: "Its own count of unused registers in one request." }),
  ),
};

/** A broker of the site, and who we are to it. */
export const broker = {
  url: text({
    doc: "Where it is: mqtt://host:port or mqtts://host:port.",
    pattern: /^mqtts?:\/\/[^\s/@]+$/,
    form: "the address of a broker",
    like: '"mqtts://host:8883" or "mqtt://host:1883"',
  }),
  username: optional(words("Name to log in with.")),
  passwordFile: optional(words("File that holds the password, from this file's folder.")),
  identity: optional(
    words("Folder with ca.pem, and cert.pem and key.pem where the broker asks for them."),
  ),
};
export type BrokerKeys = {
  url: string | undefined;
  username: string | undefined;
  passwordFile: string | undefined;
  identity: string | undefined;
};
