/** Payloads of models on disk, each under the SHA-256 of its content. Written once, checked when read. */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { CloudFault } from "../faults.ts";

export interface PayloadStore {
  /** Returns the content's SHA-256, hex. Durable when it returns. */
  put(payload: Uint8Array): string;
  /** @throws Fault CLOUD_PAYLOAD_DAMAGED */
  get(sha256: string): Uint8Array;
}

export function openPayloadStore(folder: string): PayloadStore {
  mkdirSync(folder, { recursive: true });
  const fileOf = (sha256: string) => join(folder, sha256);
  return {
    put(payload) {
      const sha256 = hashOf(payload);
      const file = fileOf(sha256);
      if (existsSync(file)) return sha256;
      const partial = `${file}.partial`;
      const handle = openSync(partial, "w");
      writeSync(handle, payload);
      fsyncSync(handle);
      closeSync(handle);
      renameSync(partial, file);
      return sha256;
    },
    get(sha256) {
      const file = fileOf(sha256);
      const payload = existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
      if (!payload || hashOf(payload) !== sha256) {
        throw new CloudFault("CLOUD_PAYLOAD_DAMAGED", { file });
      }
      return payload;
    },
  };
}

const hashOf = (payload: Uint8Array): string => createHash("sha256").update(payload).digest("hex");
