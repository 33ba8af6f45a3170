/** A cloud as the door sees it: stores each sequence once, in order, and fails when it is told to. */
import { create } from "@bufbuild/protobuf";
import {
  type DownlinkItem,
  PullResponseSchema,
  PushResponseSchema,
  type UplinkItem,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { CloudLink } from "../src/uplink/cloud-link.ts";

export class FakeCloud implements CloudLink {
  /** Distinct items in the order of their sequence. */
  readonly items: UplinkItem[] = [];
  down: DownlinkItem[] = [];
  pushes = 0;
  /** Asked before each push: fail before storing, after storing, or not at all. */
  mood: () => "well" | "deaf" | "mute" = () => "well";
  #durable = 0;
  #epoch = 0;

  async push(request: { epoch: number; items: UplinkItem[] }) {
    this.pushes += 1;
    const mood = this.mood();
    if (mood === "deaf") throw new Error("connection refused");
    if (this.#epoch !== request.epoch) this.#durable = (request.items[0]?.sequence ?? 1) - 1;
    this.#epoch = request.epoch;
    for (const item of request.items) {
      if (item.sequence <= this.#durable) continue;
      if (item.sequence !== this.#durable + 1) throw new Error(`gap before ${item.sequence}`);
      this.#durable = item.sequence;
      this.items.push(item);
    }
    if (mood === "mute") throw new Error("connection lost before the answer");
    return create(PushResponseSchema, { epoch: request.epoch, durableSequence: this.#durable });
  }

  async pull(request: { cursor: number }) {
    if (this.mood() === "deaf") throw new Error("connection refused");
    const items = this.down.filter(({ cursor }) => cursor > request.cursor);
    return create(PullResponseSchema, { items });
  }

  close(): void {}

  /** Bodies of one kind, oldest first. */
  bodies<K extends UplinkItem["body"]["case"]>(kind: K) {
    return this.items.flatMap(({ body }) =>
      body.case === kind ? [body.value as Extract<UplinkItem["body"], { case: K }>["value"]] : [],
    );
  }
}
