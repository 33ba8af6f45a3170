/** A capture as the event that carries it up. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WaveformSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { sampleRateHz } from "@weir/detectors/vibration/machine-analysis.ts";
import type { DeviceSettings } from "../../configuration/configuration.ts";
import { axisCount } from "./frame-decoder.ts";
import type { Capture } from "./machine-feed.ts";

export function waveformOf(
  { id, stage, machine }: DeviceSettings,
  { rule, fromMs, samples }: Capture & { rule: string },
): MessageInitShape<typeof WaveformSchema> {
  return {
    device: id,
    stage,
    rule,
    fromMs,
    rateHz: sampleRateHz,
    axes: axisCount,
    scale: machine!.scale,
    unit: machine!.signal === "velocity" ? "mm/s" : "g",
    samples,
  };
}
