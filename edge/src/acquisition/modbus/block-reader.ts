/** Turns the registers of a block into raw numbers, with everything about each tag worked out beforehand. */
import { bitAt, type Decoder, decoderOf } from "../../conditioning/decode.ts";
import { reason } from "../../conditioning/quality.ts";
import type { Configuration } from "../../configuration/configuration.ts";
import type { BlockAnswer } from "../arbiter.ts";
import type { Block, BlockPoint } from "../block-plan.ts";
import type { ReadingSink } from "../source.ts";

interface Point {
  kind: BlockPoint["kind"];
  index: number;
  offset: number;
  /** undefined: a bit. */
  decode: Decoder | undefined;
}

export class BlockReader {
  readonly #configuration: Configuration;
  readonly #connection: number;
  readonly #sink: ReadingSink;
  readonly #points = new Map<Block, Point[]>();

  constructor(configuration: Configuration, connection: number, sink: ReadingSink) {
    this.#configuration = configuration;
    this.#connection = connection;
    this.#sink = sink;
  }

  /** Hands every value of `block` to the sink. */
  read(block: Block, { bytes, dataAt, slotMs }: BlockAnswer): void {
    const sink = this.#sink;
    sink.begin(this.#connection);
    for (const { kind, index, offset, decode } of this.#pointsOf(block)) {
      const raw = decode ? decode(bytes, dataAt + offset) : bitAt(bytes, dataAt, offset);
      if (kind === "status") sink.deviceStatus(index, raw);
      else sink.take(index, raw, slotMs);
    }
    sink.end();
  }

  /** The device refused `block`: its tags have no value, and that is a reading. */
  refused(block: Block, slotMs: number): void {
    this.#sink.begin(this.#connection);
    for (const { kind, index } of block.points) {
      if (kind === "tag") this.#sink.miss(index, reason.refused, slotMs);
    }
    this.#sink.end();
  }

  /** Worked out once; blocks may be split while running. */
  #pointsOf(block: Block): Point[] {
    const known = this.#points.get(block);
    if (known) return known;
    const isBits = block.fc <= 2;
    const points = block.points.map((point) => this.#compile(point, isBits));
    this.#points.set(block, points);
    return points;
  }

  #compile({ kind, index, offset }: BlockPoint, isBits: boolean): Point {
    if (kind === "status") {
      return { kind, index, offset: 2 * offset, decode: decoderOf("uint16", "ABCD") };
    }
    const { type, byteOrder } = this.#configuration.tags[index]!;
    const decode = type === "bool" ? undefined : decoderOf(type, byteOrder);
    return { kind, index, offset: isBits ? offset : 2 * offset, decode };
  }
}
