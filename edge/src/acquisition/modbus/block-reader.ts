/** Turns the registers of a block into raw numbers, with everything about each tag worked out beforehand. */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { bitAt, type ColumnDecoder, columnDecoderOf } from "../../conditioning/decode.ts";
import { reason } from "../../conditioning/quality.ts";
import type { Configuration } from "../../configuration/configuration.ts";
import type { BlockAnswer, BlockRefusal } from "../arbiter.ts";
import type { Block, BlockPoint } from "../block-plan.ts";
import type { ReadingSink } from "../source.ts";
import { isGateway, missingAfter } from "./missing-block.ts";
import type { ModbusFault } from "./reply.ts";

interface Point {
  kind: BlockPoint["kind"];
  index: number;
  offset: number;
  /** undefined: a bit. */
  decode: ColumnDecoder | undefined;
}

const one = new Float64Array(1);

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
    const { columns } = sink;
    const points = this.#pointsOf(block);
    sink.begin(this.#connection);
    if (columns) columns.slotMs[0] = slotMs;
    for (let i = 0; i < points.length; i++) {
      const { kind, index, offset, decode } = elementAt(points, i);
      const isTag = kind === "tag";
      const into = isTag && columns ? columns.raws : one;
      const place = isTag && columns ? index : 0;
      if (decode) decode(bytes, dataAt + offset, into, place);
      else into[place] = bitAt(bytes, dataAt, offset);
      if (!isTag) sink.deviceStatus(index, f64(one, 0));
      else if (columns) columns.take(index);
      else sink.take(index, f64(one, 0), slotMs);
    }
    sink.end();
  }

  /** The device refused `block`: its tags have no value, and that is a reading. */
  refused(block: Block, { fault, slotMs }: BlockRefusal): void {
    const why = fault.kind === "exception" && isGateway(fault.code) ? "noAnswer" : "refused";
    const missing = missingAfter(block, fault);
    this.#sink.begin(this.#connection);
    for (const { kind, index } of block.points) {
      if (kind === "tag") this.#sink.miss(index, reason[why], slotMs, missing);
    }
    this.#sink.end();
  }

  /** A request for `block` came to nothing. */
  unanswered(block: Block, fault: ModbusFault): void {
    const missing = missingAfter(block, fault);
    for (const { kind, index } of block.points) {
      if (kind === "tag") this.#sink.unanswered?.(index, missing);
    }
  }

  /** Worked out once; blocks may be split while running. */
  #pointsOf(block: Block): Point[] {
    const known = this.#points.get(block);
    if (known) return known;
    const isBits = block.fc <= 2;
    const points = block.points
      .map((point) => this.#compile(point, isBits))
      .sort((a, b) => this.#rankOf(a) - this.#rankOf(b));
    this.#points.set(block, points);
    return points;
  }

  /** What can act is judged before what only watches, and after the status words that qualify it. */
  #rankOf({ kind, index }: Point): number {
    if (kind === "status") return 0;
    return this.#configuration.rules.some(({ vote }) => vote.tags.includes(index)) ? 1 : 2;
  }

  #compile({ kind, index, offset }: BlockPoint, isBits: boolean): Point {
    if (kind === "status") {
      return { kind, index, offset: 2 * offset, decode: columnDecoderOf("uint16", "ABCD") };
    }
    const { type, byteOrder } = elementAt(this.#configuration.tags, index);
    const decode = type === "bool" ? undefined : columnDecoderOf(type, byteOrder);
    return { kind, index, offset: isBits ? offset : 2 * offset, decode };
  }
}
