/** Autoencoders through onnxruntime, the graph that also runs at the fog. The tier's one import of it. */
import assert from "node:assert";
import { defaultZone } from "@weir/contracts/site-time.ts";
import { autoencoderMetadata } from "@weir/detectors/autoencoder-metadata.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { CloudFault } from "../faults.ts";
import type { LoadedScorer } from "./stage-scorer.ts";

/** @throws Fault CLOUD_MODEL_UNREADABLE */
export async function loadOnnxScorer(payload: Uint8Array): Promise<LoadedScorer> {
  const read = autoencoderMetadata(payload);
  if (!read.ok) throw new CloudFault("CLOUD_MODEL_UNREADABLE", { why: read.fault });
  const { channels, window, threshold, channelSigma, zone = defaultZone } = read.metadata;
  // One thread: scoring is small, and the door and the console share the machine.
  const session = await InferenceSession.create(payload, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return {
    channels,
    zone,
    threshold: Math.sqrt(threshold),
    async score(windows, windowCount) {
      const input = new Tensor("float32", windows, [windowCount, window, channels.length]);
      const { mse, channelMse } = await session.run({ window: input });
      assert(mse && channelMse, "the graph gives mse and channelMse");
      // The root: linear in how far the stage has drifted, so that a steady rise looks like one.
      const score = (mse.data as Float32Array).map(Math.sqrt);
      const channelErrors = (channelMse.data as Float32Array).map(
        (error, i) => error / (channelSigma[i % channels.length] ?? 1) ** 2,
      );
      return { score, channelErrors };
    },
    close: () => session.release(),
  };
}
