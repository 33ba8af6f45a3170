/**
 * What a detector learned, as bytes that survive a restart: signature of kind and version (u32), length
 * (u32), the state as it lies in memory, checksum of all before (u32). Little-endian, as every machine
 * this runs on.
 */

const headerBytes = 8;
const checksumBytes = 4;

/** `kind` names the layout and its version: "ewma/1". */
export function packState(kind: string, state: ArrayBufferView): Uint8Array {
  const packed = new Uint8Array(headerBytes + state.byteLength + checksumBytes);
  const view = new DataView(packed.buffer);
  view.setUint32(0, signatureOf(kind), true);
  view.setUint32(4, state.byteLength, true);
  packed.set(bytesOf(state), headerBytes);
  const end = headerBytes + state.byteLength;
  view.setUint32(end, fnv1a(packed.subarray(0, end)), true);
  return packed;
}

/** Copies the state into `state`; false, and `state` as it was, when `packed` is of another kind, version or length or was damaged. */
export function unpackState(kind: string, packed: Uint8Array, state: ArrayBufferView): boolean {
  const end = headerBytes + state.byteLength;
  if (packed.byteLength !== end + checksumBytes) return false;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (view.getUint32(0, true) !== signatureOf(kind)) return false;
  if (view.getUint32(4, true) !== state.byteLength) return false;
  if (view.getUint32(end, true) !== fnv1a(packed.subarray(0, end))) return false;
  bytesOf(state).set(packed.subarray(headerBytes, end));
  return true;
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const signatureOf = (kind: string): number => fnv1a(new TextEncoder().encode(kind));

/** @see Fowler, Noll, Vo: FNV-1a, 32 bits. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
