/** An edge as its messages: births, blocks of readings, events. What it sent is known exactly. */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { seal } from "@weir/contracts/envelope.ts";
import {
  BirthSchema,
  DeathSchema,
  EdgeStatusSchema,
} from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { EventBatchSchema, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Tag, TagSchema } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { encodePanes } from "@weir/contracts/panes/encode-panes.ts";
import { addReading, emptyPane, paneLengthMs } from "@weir/detectors/pane.ts";

export class FakeEdge {
  readonly edge: string;
  site = "riverside";
  epoch = 1;
  /** "0": an agent too old to have incarnations. */
  incarnation = "0";
  store = "0";
  /** How far it says its boot before had numbered. */
  previous: { epoch: number; incarnation: string; blocks: number; events: number } | undefined;
  sequence = 0;
  eventSequence = 0;
  tags: Tag[];

  constructor(edge: string, names: readonly string[] = ["D11/CL01", "D11/PH01"]) {
    this.edge = edge;
    this.tags = tagsOf(names);
  }

  birth(atMs: number): Uint8Array {
    return seal(
      "birth",
      create(BirthSchema, {
        site: this.site,
        edge: this.edge,
        ...{ epoch: this.epoch, incarnation: this.incarnation, store: this.store },
        ...(this.previous && { previous: this.previous }),
        revision: 1,
        atMs,
        agentVersion: "0.1.0",
        dictionary: this.dictionary.hash,
        tags: this.tags,
      }),
    );
  }

  death(orderly: boolean): Uint8Array {
    const { site, edge, epoch } = this;
    return seal("death", create(DeathSchema, { site, edge, epoch, orderly }));
  }

  /** One batch: every tag at each of `timesMs`, value = valueAt(tag, time). */
  blocks(
    timesMs: readonly number[],
    options: {
      backlog?: boolean;
      sequence?: number;
      valueAt?: (tag: number, atMs: number) => number;
      /** Of these tags there is nothing in the batch. */
      leaveOut?: (id: string) => boolean;
    } = {},
  ): Uint8Array {
    const { valueAt = defaultValue, leaveOut = () => false } = options;
    const columns: BlockColumn[] = this.tags
      .filter(({ id }) => !leaveOut(id))
      .map(({ index: tag }) => ({
        tag,
        timesMs: Float64Array.from(timesMs),
        values: Float64Array.from(timesMs, (atMs) => valueAt(tag, atMs)),
        qualities: new Uint8Array(timesMs.length),
      }));
    if (options.sequence === undefined) this.sequence += 1;
    return seal(
      "blocks",
      create(TelemetrySchema, {
        epoch: this.epoch,
        incarnation: this.incarnation,
        sequence: options.sequence ?? this.sequence,
        backlog: options.backlog ?? false,
        block: encodeBlock(this.dictionary, columns),
      }),
    );
  }

  /** One batch without readings: a pane of tag `tag` for each 5 seconds of `timesMs`. */
  panes(
    timesMs: readonly number[],
    options: { tag?: number; backlog?: boolean; quality?: number } = {},
  ): Uint8Array {
    const { tag = 0, backlog = false, quality = 0 } = options;
    const spans = Map.groupBy(timesMs, (atMs) => Math.floor(atMs / paneLengthMs) * paneLengthMs);
    const panes = [...spans].map(([startMs, list]) => {
      const figures = emptyPane();
      for (const atMs of list) addReading(figures, atMs - startMs, defaultValue(tag, atMs));
      return { tag, startMs, quality, holes: 0, lastAtMs: figures.lastAtMs, figures };
    });
    this.sequence += 1;
    return seal(
      "blocks",
      create(TelemetrySchema, {
        ...{ epoch: this.epoch, incarnation: this.incarnation, sequence: this.sequence, backlog },
        block: encodeBlock(this.dictionary, []),
        panes: encodePanes(this.dictionary, panes, paneLengthMs),
      }),
    );
  }

  /** A batch of one trip of `rule`. */
  trip(atMs: number, rule: string): Uint8Array {
    const body = {
      case: "trip",
      value: { rule, stage: "D11", tag: "D11/CL01", cause: "too high" },
    } as const;
    return this.event(atMs, body);
  }

  /** A batch of one event. */
  event(atMs: number, body: MessageInitShape<typeof EventSchema>["body"]): Uint8Array {
    this.eventSequence += 1;
    const boot = this.incarnation === "0" ? `${this.epoch}` : `${this.epoch}-${this.incarnation}`;
    const id = `${this.edge}/${boot}/${this.eventSequence}`;
    return seal(
      "events",
      create(EventBatchSchema, {
        epoch: this.epoch,
        incarnation: this.incarnation,
        sequence: this.eventSequence,
        events: [create(EventSchema, { id, atMs, ...(body && { body }) })],
      }),
    );
  }

  /** How it is: everything numbered so far has been delivered or dropped, unless said otherwise. */
  status(
    atMs: number,
    { blocksFrom = this.sequence + 1, pending = 0 }: { blocksFrom?: number; pending?: number } = {},
  ): Uint8Array {
    const { epoch, incarnation } = this;
    return seal(
      "status",
      create(EdgeStatusSchema, {
        ...{ atMs, epoch, incarnation },
        ledger: { atMs, pending },
        pendingFrom: [
          { stream: "blocks", epoch, incarnation, sequence: blocksFrom },
          { stream: "events", epoch, incarnation, sequence: this.eventSequence + 1 },
        ],
      }),
    );
  }

  /** The next boot: numbers begin again, under another incarnation. */
  boot(incarnation: string): void {
    const { epoch, incarnation: before, sequence: blocks, eventSequence: events } = this;
    this.previous = { epoch, incarnation: before, blocks, events };
    this.epoch += 1;
    this.incarnation = incarnation;
    this.sequence = 0;
    this.eventSequence = 0;
  }

  /** As it is now, to go on from as a restored or cloned one. */
  copy(): FakeEdge {
    const { edge, epoch, incarnation, store, previous, sequence, eventSequence, tags } = this;
    return Object.assign(new FakeEdge(edge), {
      ...{ epoch, incarnation, store, previous, sequence, eventSequence, tags },
    });
  }

  get dictionary() {
    return makeDictionary(this.tags.map(({ resolution, periodMs }) => ({ resolution, periodMs })));
  }
}

/** 0.01-stepped, different for each tag and second. */
export const defaultValue = (tag: number, atMs: number): number =>
  Math.round(((atMs / 1_000) % 50) * 100 + tag) / 100;

export const tagsOf = (names: readonly string[], periodMs = 1_000): Tag[] =>
  names.map((id, index) => {
    const [device = "", name = ""] = id.split("/");
    return create(TagSchema, {
      index,
      id,
      device,
      name,
      stage: device,
      resolution: 0.01,
      periodMs,
    });
  });
