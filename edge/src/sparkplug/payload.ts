/** Sparkplug B payloads as bytes, by the schema of Eclipse Tahu. */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type Payload,
  type Payload_Metric,
  type Payload_MetricSchema,
  PayloadSchema,
} from "@weir/contracts/generated/sparkplug/sparkplug_b_pb.ts";

export type Metric = MessageInitShape<typeof Payload_MetricSchema>;

/** Sparkplug 3.0, 6.4.16: the data types that scalar metrics have. */
export const dataType = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
} as const;

/** Sparkplug 3.0, 6.4.12: the values that the property "Quality" may have. */
export const qualityCode = { bad: 0, good: 192, stale: 500 } as const;

/** `seq`: undefined in a death certificate. */
export function encodePayload(
  metrics: Metric[],
  { atMs, seq }: { atMs: number; seq?: number },
): Uint8Array {
  const payload = create(PayloadSchema, {
    timestamp: BigInt(Math.round(atMs)),
    metrics,
    ...(seq === undefined ? {} : { seq: BigInt(seq) }),
  });
  return toBinary(PayloadSchema, payload);
}

/** undefined: these bytes are no payload. */
export function decodePayload(bytes: Uint8Array): Payload | undefined {
  try {
    return fromBinary(PayloadSchema, bytes);
  } catch {
    return undefined;
  }
}

/**
 * A metric's value as a number; NaN for null and for texts. Signed types travel as the two's complement
 * in an unsigned field (Sparkplug 3.0, 6.4.16).
 */
export function numberOf({ value, datatype, isNull }: Payload_Metric): number {
  if (isNull) return Number.NaN;
  switch (value.case) {
    case "intValue":
      return signed(value.value, datatype);
    case "longValue":
      return Number(datatype === dataType.int64 ? BigInt.asIntN(64, value.value) : value.value);
    case "floatValue":
    case "doubleValue":
      return value.value;
    case "booleanValue":
      return value.value ? 1 : 0;
    default:
      return Number.NaN;
  }
}

const bitsOf: Record<number, number> = {
  [dataType.int8]: 8,
  [dataType.int16]: 16,
  [dataType.int32]: 32,
};

function signed(value: number, datatype: number): number {
  const bits = bitsOf[datatype];
  return bits === undefined ? value : (value << (32 - bits)) >> (32 - bits);
}
