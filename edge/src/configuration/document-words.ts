/** Words that several parts of the configuration's document share. */
import { byteOrders } from "./configuration.ts";
import { choice, duration, type Field, integer, text } from "./field.ts";

export const secondMs = 1_000;
export const hourMs = 3_600 * secondMs;
export const dayMs = 24 * hourMs;

export const periodMsMin = 10;

export const place = (doc: string): Field =>
  text(`${doc} "holding:11" counts from 0, "holding 40012" is the same register in 4xxxx style.`);
export const unit = integer("Modbus unit id.", { min: 0, max: 255 });
export const byteOrder = choice(
  "Where the bytes A (most significant) to D lie, first to last.",
  byteOrders,
);

/** What a device may need otherwise than its neighbours on the line. */
export const quirks = {
  gap: duration("Quiet time between two requests.", { minMs: 0, maxMs: 10 * secondMs }),
  maxRegisters: integer("Largest count of registers in one request.", { min: 1, max: 125 }),
  maxHole: integer("Unused registers that one request may span.", { min: 0, max: 124 }),
};

/** A broker of the site, and who we are to it. */
export const broker = {
  url: text("mqtt://host:port or mqtts://host:port.", /^mqtts?:\/\/[^\s/@]+$/, "mqtts://host:port"),
  username: text("Name to log in with."),
  passwordFile: text("File that holds the password, from this file's folder."),
  identity: text("Folder with ca.pem, and cert.pem and key.pem where the broker asks for them."),
};
