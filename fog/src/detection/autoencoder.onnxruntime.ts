/**
 * Autoencoders through onnxruntime. The fog's one import of it. Not for a thread that may be terminated:
 * onnxruntime ends the whole process when that happens while it computes.
 */
import { defaultZone } from "@weir/contracts/site-time.ts";
import { autoencoderMetadata } from "@weir/detectors/autoencoder-metadata.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { LoadAutoencoder } from "./autoencoder.ts";

export const loadOnnxAutoencoder: LoadAutoencoder = async (stage, payload) => {
  const read = autoencoderMetadata(payload);
  if (!read.ok) return { ok: false, reason: read.fault };
  const { channels, window, threshold, zone = defaultZone } = read.metadata;
  if (read.metadata.stage !== stage)
    return { ok: false, reason: `the model is for stage ${read.metadata.stage}, not ${stage}` };
  try {
    // One thread: an hour's score takes a millisecond, and ingest shares the machine.
    const session = await InferenceSession.create(payload, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return {
      ok: true,
      autoencoder: {
        channels,
        zone,
        window,
        threshold,
        score: async (values) => {
          const input = new Tensor("float32", values, [1, window, channels.length]);
          const { mse } = await session.run({ window: input });
          return (mse?.data as Float32Array | undefined)?.[0] ?? Number.NaN;
        },
        close: () => session.release(),
      },
    };
  } catch (error) {
    return { ok: false, reason: `onnxruntime cannot run it: ${(error as Error).message}` };
  }
};
