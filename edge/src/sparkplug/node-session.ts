/**
 * One Sparkplug B edge node, from birth to death: which message comes next, with its sequence number.
 * No I/O. Sparkplug 3.0, chapters 5 and 6; group = site, edge node = agent, device = device, metric = tag.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { BrokerMessage } from "../mqtt/broker-line.ts";
import { dataType, encodePayload, type Metric, qualityCode } from "./payload.ts";

export interface NodeTag {
  device: string;
  name: string;
  unit: string;
  min: number;
  max: number;
}

export interface NodeReading {
  tag: number;
  timeMs: number;
  value: number;
  quality: number;
  isHistorical: boolean;
}

export const rebirthMetric = "Node Control/Rebirth";
const sequenceCount = 256;

export class NodeSession {
  readonly #group: string;
  readonly #node: string;
  readonly #about: Record<string, string>;
  #tags: readonly NodeTag[] = [];
  /** Tags of each device. */
  #devices = new Map<string, number[]>();
  /** Newest reading of each tag, for the next birth. */
  #latest: (NodeReading | undefined)[] = [];
  #bdSeq = -1;
  #seq = 0;

  /** `about`: texts of the node's own metrics, such as the agent's version. */
  constructor(options: { group: string; node: string; about: Record<string, string> }) {
    this.#group = options.group;
    this.#node = options.node;
    this.#about = options.about;
  }

  setTags(tags: readonly NodeTag[]): void {
    this.#tags = tags;
    this.#latest = tags.map(() => undefined);
    this.#devices = new Map();
    tags.forEach(({ device }, i) => {
      this.#devices.set(device, [...(this.#devices.get(device) ?? []), i]);
    });
  }

  /** Topics that carry orders to this node. */
  get commandTopic(): string {
    return this.#topic("NCMD");
  }

  /** The death certificate of the next connection: its number is that of the next birth. */
  nextDeath(atMs: number): BrokerMessage {
    this.#bdSeq = (this.#bdSeq + 1) % sequenceCount;
    return this.death(atMs);
  }

  /** The death certificate of this connection. */
  death(atMs: number): BrokerMessage {
    const bytes = encodePayload([this.#bdSeqMetric(atMs)], { atMs });
    return { topic: this.#topic("NDEATH"), bytes };
  }

  /** NBIRTH, then one DBIRTH a device: every metric there will ever be, with its newest value. */
  births(atMs: number): BrokerMessage[] {
    this.#seq = 0;
    const timestamp = stamp(atMs);
    const own: Metric[] = [
      this.#bdSeqMetric(atMs),
      {
        name: rebirthMetric,
        timestamp,
        datatype: dataType.boolean,
        value: { case: "booleanValue", value: false },
      },
      ...Object.entries(this.#about).map(([name, value]) => ({
        name,
        timestamp,
        datatype: dataType.string,
        value: { case: "stringValue" as const, value },
      })),
    ];
    return [
      { topic: this.#topic("NBIRTH"), bytes: this.#encode(own, atMs) },
      ...[...this.#devices.keys()].map((device) => this.deviceBirth(device, atMs)),
    ];
  }

  deviceBirth(device: string, atMs: number): BrokerMessage {
    const metrics = (this.#devices.get(device) ?? []).map((tag) => this.#birthMetric(tag, atMs));
    return { topic: this.#topic("DBIRTH", device), bytes: this.#encode(metrics, atMs) };
  }

  deviceDeath(device: string, atMs: number): BrokerMessage {
    return { topic: this.#topic("DDEATH", device), bytes: this.#encode([], atMs) };
  }

  hasDevice(device: string): boolean {
    return this.#devices.has(device);
  }

  /** Remembers `readings` for the next birth and returns those that say something new. */
  changed(readings: readonly NodeReading[]): NodeReading[] {
    return readings.filter((reading) => {
      const before = this.#latest[reading.tag];
      this.#latest[reading.tag] = reading;
      return (
        !before || before.quality !== reading.quality || !Object.is(before.value, reading.value)
      );
    });
  }

  /** One DDATA a device; metrics by alias. */
  data(readings: readonly NodeReading[], atMs: number): BrokerMessage[] {
    const ofDevice = new Map<string, Metric[]>();
    for (const reading of readings) {
      const { device } = elementAt(this.#tags, reading.tag);
      const metrics = ofDevice.get(device) ?? [];
      ofDevice.set(device, metrics);
      metrics.push({
        alias: aliasOf(reading.tag),
        ...fieldsOf(reading),
        datatype: dataType.double,
      });
    }
    return [...ofDevice].map(([device, metrics]) => ({
      topic: this.#topic("DDATA", device),
      bytes: this.#encode(metrics, atMs),
    }));
  }

  #birthMetric(tag: number, atMs: number): Metric {
    const { name, unit, min, max } = elementAt(this.#tags, tag);
    const reading = this.#latest[tag] ?? {
      timeMs: atMs,
      value: Number.NaN,
      quality: Quality.STALE,
      isHistorical: false,
    };
    const { properties, ...value } = fieldsOf(reading);
    return {
      name,
      alias: aliasOf(tag),
      datatype: dataType.double,
      ...value,
      properties: {
        keys: [...properties.keys, "engUnit", "engLow", "engHigh"],
        values: [
          ...properties.values,
          { type: dataType.string, value: { case: "stringValue", value: unit } },
          { type: dataType.double, value: { case: "doubleValue", value: min } },
          { type: dataType.double, value: { case: "doubleValue", value: max } },
        ],
      },
    };
  }

  #bdSeqMetric(atMs: number): Metric {
    return {
      name: "bdSeq",
      timestamp: stamp(atMs),
      datatype: dataType.int64,
      value: { case: "longValue", value: BigInt(this.#bdSeq) },
    };
  }

  #encode(metrics: Metric[], atMs: number): Uint8Array {
    const seq = this.#seq;
    this.#seq = (seq + 1) % sequenceCount;
    return encodePayload(metrics, { atMs, seq });
  }

  #topic(type: string, device?: string): string {
    const node = `spBv1.0/${this.#group}/${type}/${this.#node}`;
    return device === undefined ? node : `${node}/${device}`;
  }
}

const aliasOf = (tag: number): bigint => BigInt(tag + 1);
const stamp = (atMs: number): bigint => BigInt(Math.round(atMs));

/*
  The specification knows good, bad and stale. A doubtful reading is told as bad, with its value: whoever
  acts on good ones only must not take it.
*/
const codeOf: Record<number, number> = {
  [Quality.GOOD]: qualityCode.good,
  [Quality.UNCERTAIN]: qualityCode.bad,
  [Quality.BAD]: qualityCode.bad,
  [Quality.STALE]: qualityCode.stale,
};

function fieldsOf({ timeMs, value, quality, isHistorical }: Omit<NodeReading, "tag">) {
  return {
    timestamp: stamp(timeMs),
    ...(isHistorical ? { isHistorical } : {}),
    ...(Number.isNaN(value)
      ? { isNull: true }
      : { value: { case: "doubleValue" as const, value } }),
    properties: {
      keys: ["Quality"],
      values: [
        {
          type: dataType.int32,
          value: { case: "intValue" as const, value: codeOf[quality] ?? qualityCode.bad },
        },
      ],
    },
  };
}
