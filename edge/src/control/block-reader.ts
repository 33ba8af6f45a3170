/** Turns the registers of a block into conditioned readings, with everything about each tag worked out beforehand. */
import type { Block, BlockPoint } from "../acquisition/block-plan.ts";
import { type Conditioned, type Conditioner, conditionerOf } from "../conditioning/condition.ts";
import { bitAt, type Decoder, decoderOf } from "../conditioning/decode.ts";
import { applyStatus, statusReason } from "../conditioning/device-status.ts";
import { reason } from "../conditioning/quality.ts";
import type { Configuration } from "../configuration/configuration.ts";

export type TakeReading = (tag: number, reading: Readonly<Conditioned>, slotMs: number) => void;

interface Point {
  kind: BlockPoint["kind"];
  index: number;
  device: number;
  offset: number;
  decode: Decoder | undefined;
  condition: Conditioner;
}

const ignore: Conditioner = () => {};

export class BlockReader {
  readonly #configuration: Configuration;
  readonly #points = new Map<Block, Point[]>();
  /** Code of `reasons` that each device's newest status word stands for. */
  readonly #status: Uint8Array;
  readonly #result: Conditioned = { value: 0, quality: 0, reason: 0 };

  constructor(configuration: Configuration, blocks: readonly Block[]) {
    this.#configuration = configuration;
    this.#status = new Uint8Array(configuration.devices.length).fill(reason.good);
    for (const block of blocks) this.#pointsOf(block);
  }

  /** Calls `take` for each tag of `block` in turn; the reading object is reused. */
  read(
    block: Block,
    answer: { bytes: Uint8Array; dataAt: number; slotMs: number },
    take: TakeReading,
  ): void {
    const { bytes, dataAt, slotMs } = answer;
    const result = this.#result;
    for (const point of this.#pointsOf(block)) {
      const raw = point.decode
        ? point.decode(bytes, dataAt + point.offset)
        : bitAt(bytes, dataAt, point.offset);
      if (point.kind === "status") {
        const settings = this.#configuration.devices[point.index]!.status!;
        this.#status[point.index] = statusReason(settings, raw);
        continue;
      }
      point.condition(raw, result);
      if (this.#status[point.device] !== reason.good)
        applyStatus(this.#status[point.device]!, result);
      take(point.index, result, slotMs);
    }
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
      const decode = decoderOf("uint16", "ABCD");
      return { kind, index, device: index, offset: 2 * offset, decode, condition: ignore };
    }
    const tag = this.#configuration.tags[index]!;
    const decode = tag.type === "bool" ? undefined : decoderOf(tag.type, tag.byteOrder);
    const condition = conditionerOf(tag);
    return {
      kind,
      index,
      device: tag.device,
      offset: isBits ? offset : 2 * offset,
      decode,
      condition,
    };
  }
}
