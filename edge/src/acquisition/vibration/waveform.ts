/** A capture as the event that carries it up. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WaveformSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { present } from "@weir/contracts/present.ts";
import { bearingOrders } from "@weir/detectors/vibration/bearing-lines.ts";
import { sampleRateHz } from "@weir/detectors/vibration/machine-analysis.ts";
import type { DeviceSettings } from "../../configuration/configuration.ts";
import type { MachineSettings } from "../../configuration/machine-settings.ts";
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
    scale: present(machine).scale,
    unit: present(machine).signal === "velocity" ? "mm/s" : "g",
    samples,
    lines: linesOf(present(machine)),
  };
}

/** None of a machine whose speed varies: at the trip it may have been any. */
function linesOf({ rpm, speedTag, bearing }: MachineSettings): { name: string; hz: number }[] {
  if (speedTag !== undefined) return [];
  const orders = { "1x": 1, "2x": 2, ...(bearing && bearingOrders(bearing)) };
  return Object.entries(orders).map(([name, order]) => ({ name, hz: (order * rpm) / 60 }));
}
