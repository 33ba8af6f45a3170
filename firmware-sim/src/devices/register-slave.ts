/** An instrument behind a register map: what it measures is encoded when somebody reads. */
import {
  type Answer,
  illegalAddress,
  illegalFunction,
  illegalValue,
  type Table,
} from "./gateway-device.ts";
import type { RtuSlave } from "./rtu-bus.ts";

export type WordOrder = "ABCD" | "CDAB" | "BADC" | "DCBA";

export interface SlaveRegister {
  address: number;
  type: "uint16" | "int16" | "float32";
  /** Engineering value of one count; 1 for floats. */
  scale: number;
  read: () => number;
}

export interface RegisterSlaveOptions {
  unit: number;
  turnaroundMs: number;
  identity?: string | undefined;
  plate?: readonly string[] | undefined;
  echoesQuery: boolean;
  /** Tables that show the registers; others are refused as functions it does not have. */
  tables: readonly ("holding" | "input")[];
  order: WordOrder;
  registers: readonly SlaveRegister[];
  /** What stands between the registers: zeros, or an illegal address. */
  holes: "zero" | "refused";
  /** The map keeps what it last showed. */
  isFrozen: () => boolean;
}

const readCountMax = 125;
const scratch = new DataView(new ArrayBuffer(4));

export class RegisterSlave implements RtuSlave {
  readonly unit: number;
  readonly turnaroundMs: number;
  readonly identity: string | undefined;
  readonly plate: readonly string[] | undefined;
  readonly echoesQuery: boolean;
  readonly #options: RegisterSlaveOptions;
  readonly #words = new Map<number, number>();
  readonly #end: number;

  constructor(options: RegisterSlaveOptions) {
    this.#options = options;
    this.unit = options.unit;
    this.turnaroundMs = options.turnaroundMs;
    this.identity = options.identity;
    this.plate = options.plate;
    this.echoesQuery = options.echoesQuery;
    this.#refresh();
    this.#end = Math.max(...this.#words.keys()) + 1;
  }

  read(table: Table, address: number, count: number): Answer {
    const { tables, holes, isFrozen } = this.#options;
    if (table !== "holding" && table !== "input") return refuse(illegalFunction);
    if (!tables.includes(table)) return refuse(illegalFunction);
    if (count < 1 || count > readCountMax) return refuse(illegalValue);
    if (!isFrozen()) this.#refresh();
    const values: number[] = [];
    for (let at = address; at < address + count; at++) {
      const word = this.#words.get(at) ?? (holes === "zero" && at < this.#end ? 0 : undefined);
      if (word === undefined) return refuse(illegalAddress);
      values.push(word);
    }
    return { ok: true, values };
  }

  write(): Answer {
    return refuse(illegalAddress);
  }

  #refresh(): void {
    const { order, registers } = this.#options;
    for (const { address, type, scale, read } of registers) {
      const value = read();
      if (type === "float32") {
        scratch.setFloat32(0, value);
        const bytes = [0, 1, 2, 3].map((i) => scratch.getUint8("ABCD".indexOf(order.charAt(i))));
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        this.#words.set(address, a * 256 + b);
        this.#words.set(address + 1, c * 256 + d);
      } else {
        const [low, high] = type === "uint16" ? [0, 0xffff] : [-0x8000, 0x7fff];
        const counts = Number.isFinite(value) ? Math.round(value / scale) : 0;
        this.#words.set(address, Math.min(high, Math.max(low, counts)) & 0xffff);
      }
    }
  }
}

const refuse = (exception: number): Answer => ({ ok: false, exception });
