/** What a correct Modbus slave with four tables of `places` places answers; the judge of all interop tests. */
import { numberAt, u16 } from "@weir/contracts/elements.ts";
import fc from "fast-check";
import type { ModbusReply } from "../src/acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../src/acquisition/modbus/request.ts";

export const places = 4_000;

/** Bytes of values (none for writes), or the code of an exception. */
export type Outcome = number[] | { exception: number } | { failed: string };

const illegalAddress = { exception: 2 };

export class RegisterModel {
  /** Function 23 writes although what it is to read does not exist: pymodbus does. */
  readonly #writesAnyway: boolean;
  readonly #coils = new Uint8Array(places);
  readonly #holding = new Uint16Array(places);

  constructor(options: { writesAnyway: boolean } = { writesAnyway: false }) {
    this.#writesAnyway = options.writesAnyway;
  }

  answer(request: ModbusRequest): Outcome {
    switch (request.fc) {
      case 1:
        return this.#bits(request, (i) => this.#coils[i] === 1);
      case 2:
        return this.#bits(request, (i) => i % 3 === 0);
      case 3:
        return this.#words(request, (i) => u16(this.#holding, i));
      case 4:
        return this.#words(request, (i) => i ^ 0x5555);
      case 5:
        return this.#write(request.address, [request.value ? 1 : 0], this.#coils);
      case 6:
        return this.#write(request.address, [request.value], this.#holding);
      case 15:
        return this.#write(request.address, request.values.map(Number), this.#coils);
      case 16:
        return this.#write(request.address, request.values, this.#holding);
      case 22: {
        const now = this.#holding[request.address] ?? 0;
        const value = (now & request.and) | (request.or & ~request.and);
        return this.#write(request.address, [value], this.#holding);
      }
      case 23: {
        const isRefused = request.address + request.count > places;
        if (isRefused && !this.#writesAnyway) return illegalAddress;
        const written = this.#write(request.writeAddress, request.values, this.#holding);
        if (!Array.isArray(written)) return written;
        return this.#words(request, (i) => u16(this.#holding, i));
      }
      default:
        return { failed: "not modelled" };
    }
  }

  #write(
    address: number,
    values: readonly number[],
    table: { set(values: readonly number[], at: number): void },
  ): Outcome {
    if (address + values.length > places) return illegalAddress;
    table.set(values, address);
    return [];
  }

  #words({ address, count }: { address: number; count: number }, at: (i: number) => number) {
    if (address + count > places) return illegalAddress;
    return Array.from({ length: count }, (_, i) => at(address + i)).flatMap((word) => [
      word >> 8,
      word & 0xff,
    ]);
  }

  #bits({ address, count }: { address: number; count: number }, at: (i: number) => boolean) {
    if (address + count > places) return illegalAddress;
    const bytes = new Array<number>(Math.ceil(count / 8)).fill(0);
    for (let i = 0; i < count; i++)
      if (at(address + i)) bytes[i >> 3] = numberAt(bytes, i >> 3) | (1 << (i & 7));
    return bytes;
  }
}

/** What the master reported, in the same terms. */
export function outcomeOf(request: ModbusRequest, reply: ModbusReply): Outcome {
  if (!reply.ok) {
    const { fault } = reply;
    return fault.kind === "exception"
      ? { exception: fault.code }
      : { failed: `${fault.kind}: ${fault.text}` };
  }
  if (!("count" in request)) return [];
  const size = request.fc <= 2 ? Math.ceil(request.count / 8) : 2 * request.count;
  return [...reply.bytes.subarray(reply.dataAt, reply.dataAt + size)];
}

const addressBelow = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: places - 6, max: places + 1 }),
    fc.integer({ min: 0, max: places - 1 }),
    fc.integer({ min: 0xfff0, max: 0xffff }).map((address) => Math.min(address, most)),
  );

const countUpTo = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(1, 2, most - 1, most),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: most }),
  );

const word = fc.oneof(
  fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff),
  fc.integer({ min: 0, max: 0xffff }),
);
const words = (most: number) =>
  countUpTo(most).chain((length) => fc.array(word, { minLength: length, maxLength: length }));
const bits = (most: number) =>
  countUpTo(most).chain((length) =>
    fc.array(fc.boolean(), { minLength: length, maxLength: length }),
  );

const read = <F extends 1 | 2 | 3 | 4>(unit: fc.Arbitrary<number>, codes: F[], most: number) =>
  fc.record({
    fc: fc.constantFrom(...codes),
    unit,
    address: addressBelow(0x10000 - most),
    count: countUpTo(most),
  });

/** Requests of every function, at the edges of tables and of counts more often than elsewhere. */
export function requestsTo(units: readonly number[]): fc.Arbitrary<ModbusRequest> {
  const unit = fc.constantFrom(...units);
  const address = addressBelow(0xffff);
  return fc.oneof(
    read(unit, [1, 2], 2_000),
    read(unit, [3, 4], 125),
    fc.record({ fc: fc.constant(5 as const), unit, address, value: fc.boolean() }),
    fc.record({ fc: fc.constant(6 as const), unit, address, value: word }),
    fc.record({ fc: fc.constant(15 as const), unit, address, values: bits(1_968) }),
    fc.record({ fc: fc.constant(16 as const), unit, address, values: words(123) }),
    fc.record({ fc: fc.constant(22 as const), unit, address, and: word, or: word }),
    fc.record({
      fc: fc.constant(23 as const),
      unit,
      address: addressBelow(0x10000 - 125),
      count: countUpTo(125),
      writeAddress: address,
      values: words(121),
    }),
  );
}
