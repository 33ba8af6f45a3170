/** How an uplink item lies in the log: its kind as the record's kind, the item itself as the body. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type UplinkItem, UplinkItemSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";

export const encodeItem = (item: UplinkItem): Uint8Array => toBinary(UplinkItemSchema, item);

/** `undefined` when the bytes are not an uplink item. */
export function decodeItem(bytes: Uint8Array): UplinkItem | undefined {
  try {
    return fromBinary(UplinkItemSchema, bytes);
  } catch {
    return undefined;
  }
}
