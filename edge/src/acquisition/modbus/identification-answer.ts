import { u8 } from "@weir/contracts/elements.ts";

/*
  Answer to read device identification (MODBUS Application Protocol V1.1b3, 6.21)
    0  u8  43
    1  u8  14              MEI type
    2  u8  level           as asked: 1 basic, 2 regular, 3 extended, 4 one object
    3  u8  conformity
    4  u8  more follows    0 or 255
    5  u8  next object     where to go on when more follows
    6  u8  count
    7  …   count × { u8 object, u8 size, bytes }
*/
const headerSize = 7;
const mei = 14;
const moreFollows = 0xff;
/** The one level that names its object. */
const oneObject = 4;

/** Size of the PDU at `bytes[at…]`, undefined until `length` bytes of it tell. */
export function identificationSize(
  bytes: Uint8Array,
  { at, length }: { at: number; length: number },
): number | undefined {
  if (length < headerSize) return undefined;
  let size = headerSize;
  for (let left = u8(bytes, at + 6); left > 0; left--) {
    if (length < size + 2) return undefined;
    size += 2 + u8(bytes, at + size + 1);
  }
  return size;
}

/** What is wrong with a whole PDU; its size has been checked. */
export function identificationFlaw(
  request: { level: number; object: number },
  bytes: Uint8Array,
  at: number,
): string | undefined {
  if (bytes[at + 1] !== mei) return `MEI type ${bytes[at + 1]} answers ${mei}`;
  if (bytes[at + 2] !== request.level) return `level ${bytes[at + 2]} answers ${request.level}`;
  const more = u8(bytes, at + 4);
  const next = u8(bytes, at + 5);
  const count = u8(bytes, at + 6);
  if (more !== 0 && more !== moreFollows) return `"more follows" is ${more}`;
  let last = -1;
  let offset = at + headerSize;
  for (let left = count; left > 0; left--) {
    const object = u8(bytes, offset);
    if (object <= last) return `object ${object} follows object ${last}`;
    last = object;
    offset += 2 + u8(bytes, offset + 1);
  }
  if (request.level === oneObject) {
    return count === 1 && last === request.object
      ? undefined
      : `object ${last} answers ${request.object}`;
  }
  // Otherwise a device could keep us asking for ever.
  if (more === moreFollows && next <= last) return `object ${next} is to follow object ${last}`;
  return undefined;
}

export interface IdentificationPart {
  conformity: number;
  /** Object to ask for next; undefined when this was the last part. */
  next: number | undefined;
  objects: ReadonlyMap<number, string>;
}

/** Reads a checked answer; `dataAt` is where its level stands. */
export function identificationPart(bytes: Uint8Array, dataAt: number): IdentificationPart {
  const at = dataAt - 2;
  const objects = new Map<number, string>();
  let offset = at + headerSize;
  for (let left = u8(bytes, at + 6); left > 0; left--) {
    const size = u8(bytes, offset + 1);
    const text = String.fromCharCode(...bytes.subarray(offset + 2, offset + 2 + size));
    objects.set(u8(bytes, offset), text);
    offset += 2 + size;
  }
  return {
    conformity: u8(bytes, at + 3),
    next: bytes[at + 4] === moreFollows ? bytes[at + 5] : undefined,
    objects,
  };
}
