/** The compiled kernel: cloud/assembly/*.ts by `npm run generate -w cloud`. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

/** The part of the WebAssembly API used here; Node's types leave it to the browser's. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: object } }>;
}

const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** What the module exports; addresses are bytes into `memory`. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  setup(steps: number, batch: number, channels: number, hidden: number, bottleneck: number): void;
  paramsAt(): number;
  gradientAt(): number;
  inputAt(): number;
  outputAt(): number;
  parameterCount(): number;
  forward(): void;
  backward(count: number, realChannels: number): number;
  update(
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    normMax: number,
  ): void;
}

/** "relaxed" multiplies and adds in one rounding: faster, but its last bits depend on the machine. */
export type KernelVariant = "relaxed" | "simd";

export const kernelUrl = (variant: KernelVariant): URL =>
  new URL(variant === "relaxed" ? "kernel-relaxed.wasm" : "kernel.wasm", import.meta.url);

const bytesOf = (variant: KernelVariant): Uint8Array =>
  new Uint8Array(readFileSync(kernelUrl(variant)));

/** Whether this runtime can run the variant. */
export const kernelRuns = (variant: KernelVariant): boolean =>
  webAssembly.validate(bytesOf(variant));

export async function loadKernel(variant: KernelVariant): Promise<Kernel> {
  const abort = (): never => assert.fail("the training kernel has stopped itself");
  const { instance } = await webAssembly.instantiate(bytesOf(variant), { env: { abort } });
  return instance.exports as unknown as Kernel;
}
