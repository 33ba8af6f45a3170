/**
 * What a scorer must know of an LSTM autoencoder's ONNX file beside its graph; JSON under the
 * metadata key "weir".
 *
 * The graph takes `window` float32 [N, window, channels] in the tags' own units and gives
 * `reconstruction` (same shape and units), `channelMse` [N, channels] and `mse` [N], both of
 * standardised values. A window of whole days has its own daily pattern taken out before the
 * network and put back behind it, inside the graph.
 */
import { isZone } from "@weir/contracts/site-time.ts";
import { autoencoderGraphFault } from "./autoencoder-graph.ts";
import { readOnnx } from "./onnx/onnx-reader.ts";
import { weirMetadataKey } from "./stage-model-onnx.ts";

export const autoencoderFormat = "weir-autoencoder-1";

export interface AutoencoderMetadata {
  readonly format: typeof autoencoderFormat;
  readonly stage: string;
  /** Site-wide tag ids, in the order of the columns. */
  readonly channels: readonly string[];
  /** Steps of one window. */
  readonly window: number;
  /** Milliseconds between steps; a value is the mean over the step. */
  readonly stepMs: number;
  /**
   * IANA zone whose wall clock the steps follow: a window of hours holds those that the clock shows, each once.
   * Models older than this field count hours in UTC and lack it.
   */
  readonly zone?: string;
  /** `mse` above which a window is unlike anything learned. */
  readonly threshold: number;
  /** Usual root mean square error of each channel, standardised: what its `channelMse` is held against. */
  readonly channelSigma: readonly number[];
}

export type AutoencoderMetadataRead =
  | { ok: true; metadata: AutoencoderMetadata }
  | { ok: false; fault: string };

const channelCountMax = 64;
const windowMax = 1_024;

/** The metadata of a file that the cloud exported, checked field by field, and its graph beside the one of its format. */
export function autoencoderMetadata(bytes: Uint8Array): AutoencoderMetadataRead {
  const read = readOnnx(bytes);
  if (!read.ok) return read;
  const text = read.model.metadata[weirMetadataKey];
  if (text === undefined) return { ok: false, fault: `no metadata "${weirMetadataKey}"` };
  let value: Partial<AutoencoderMetadata> | null;
  try {
    value = JSON.parse(text) as Partial<AutoencoderMetadata> | null;
  } catch {
    return { ok: false, fault: `metadata "${weirMetadataKey}" is not JSON` };
  }
  if (value === null || typeof value !== "object")
    return { ok: false, fault: "metadata is no object" };
  const channelCount = Array.isArray(value.channels) ? value.channels.length : 0;
  const positive = (x: unknown): boolean => Number.isFinite(x) && (x as number) > 0;
  const isWhole = (x: unknown, min: number, max: number): boolean =>
    Number.isInteger(x) && (x as number) >= min && (x as number) <= max;
  const checks: [string, boolean][] = [
    ["format", value.format === autoencoderFormat],
    ["stage", typeof value.stage === "string" && value.stage.length > 0],
    [
      "channels",
      channelCount >= 1 &&
        channelCount <= channelCountMax &&
        value.channels?.every((id) => typeof id === "string" && id.length > 0) === true,
    ],
    ["window", isWhole(value.window, 2, windowMax)],
    ["stepMs", positive(value.stepMs)],
    ["zone", value.zone === undefined || (typeof value.zone === "string" && isZone(value.zone))],
    ["threshold", positive(value.threshold)],
    [
      "channelSigma",
      Array.isArray(value.channelSigma) &&
        value.channelSigma.length === channelCount &&
        value.channelSigma.every(positive),
    ],
  ];
  const wrong = checks.find(([, ok]) => !ok);
  if (wrong !== undefined)
    return { ok: false, fault: `metadata: ${wrong[0]} is missing or out of bounds` };
  const metadata = value as AutoencoderMetadata;
  const graph = { window: metadata.window, channels: metadata.channels.length };
  const fault = autoencoderGraphFault(read.model, graph);
  return fault === undefined ? { ok: true, metadata } : { ok: false, fault };
}
