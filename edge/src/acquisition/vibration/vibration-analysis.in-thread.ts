/** Analysis within the call: simulations, tests. */
import { MachineAnalysis } from "@weir/detectors/vibration/machine-analysis.ts";
import type { VibrationAnalysis } from "./vibration-analysis.ts";

export const inThreadAnalysis = (): VibrationAnalysis => ({
  open: (model, onFeatures) => {
    const analysis = new MachineAnalysis(model);
    let isOpen = true;
    return {
      second: (samples, { isFresh, rpm }) => {
        if (!isOpen) return;
        if (isFresh) analysis.reset();
        onFeatures(analysis.second(samples, rpm));
      },
      close: () => {
        isOpen = false;
      },
    };
  },
  close: () => {},
});
