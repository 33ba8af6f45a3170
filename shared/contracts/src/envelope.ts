/*
  Envelope of every message on a topic
    0  u8  schema id  (schemas.ts)
    1  u8  version    (from 1)
    2  …   protobuf
  or, for hands and scripts, JSON text of the same schema: {"schema": "birth", "version": 1, …fields}.
*/

import {
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { u8 } from "./elements.ts";
import { schemas } from "./schemas.ts";
import type { Family } from "./topics.ts";

export type MessageOf<F extends Family> = MessageShape<(typeof schemas)[F]["message"]>;

export type Decoded<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      fault: "truncated" | "wrong-schema" | "unknown-version" | "malformed";
      detail: string;
    };

const jsonOpening = 0x7b;

/** Serialises `message` for topics of `family`. */
export function seal<F extends Family>(family: F, message: MessageOf<F>): Uint8Array {
  const entry = schemas[family];
  const body = toBinary(
    entry.message as (typeof schemas)["birth"]["message"],
    message as MessageOf<"birth">,
  );
  const bytes = new Uint8Array(2 + body.length);
  bytes[0] = entry.id;
  bytes[1] = entry.version;
  bytes.set(body, 2);
  return bytes;
}

/** Reads what `seal` wrote, in any version up to ours, or the JSON form. Never throws. */
export function open<F extends Family>(family: F, bytes: Uint8Array): Decoded<MessageOf<F>> {
  if (bytes[0] === jsonOpening) return openJson(family, bytes);
  const entry = schemas[family];
  if (bytes.length < 2) {
    return {
      ok: false,
      fault: "truncated",
      detail: `${bytes.length} bytes, at least 2 are needed`,
    };
  }
  if (bytes[0] !== entry.id) {
    return {
      ok: false,
      fault: "wrong-schema",
      detail: `schema id ${bytes[0]}, ${family} has ${entry.id}`,
    };
  }
  const version = u8(bytes, 1);
  if (version < 1 || version > entry.version) {
    return {
      ok: false,
      fault: "unknown-version",
      detail: `${family} version ${version}, this reader knows 1 to ${entry.version}`,
    };
  }
  try {
    return { ok: true, value: fromBinary(entry.message, bytes.subarray(2)) as MessageOf<F> };
  } catch (error) {
    return { ok: false, fault: "malformed", detail: (error as Error).message };
  }
}

function openJson<F extends Family>(family: F, bytes: Uint8Array): Decoded<MessageOf<F>> {
  const entry = schemas[family];
  try {
    const { schema, version, ...fields } = JSON.parse(
      new TextDecoder().decode(bytes),
    ) as JsonObject;
    if (schema !== family) {
      return {
        ok: false,
        fault: "wrong-schema",
        detail: `schema ${JSON.stringify(schema)}, expected "${family}"`,
      };
    }
    const known =
      Number.isInteger(version) && Number(version) >= 1 && Number(version) <= entry.version;
    if (typeof version !== "number" || !known) {
      return {
        ok: false,
        fault: "unknown-version",
        detail: `${family} version ${JSON.stringify(version)}, this reader knows 1 to ${entry.version}`,
      };
    }
    return { ok: true, value: fromJson(entry.message, fields as JsonValue) as MessageOf<F> };
  } catch (error) {
    return { ok: false, fault: "malformed", detail: (error as Error).message };
  }
}
