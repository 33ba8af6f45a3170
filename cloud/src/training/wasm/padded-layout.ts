/** Sizes that the kernel's SIMD loops want, and parameters moved between them and the real ones. */
import { elementAt } from "@weir/contracts/elements.ts";
import { type ModelDef, modelDef, type TensorPlace, tensorPlaces } from "../model-def.ts";

const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

export const paddedBatch = (batch: number): number => roundUp(batch, 4);

/** Channels, hidden and bottleneck to multiples of eight; the added weights are and stay zero. */
export const paddedDef = (def: ModelDef): ModelDef =>
  modelDef({
    channels: roundUp(def.channels, 8),
    window: def.window,
    hidden: roundUp(def.hidden, 8),
    bottleneck: roundUp(def.bottleneck, 8),
  });

/** For each parameter of `def`, its index in the layout of `paddedDef(def)`. */
export function paddedIndices(def: ModelDef): Int32Array {
  const padded = paddedDef(def);
  const targets = tensorPlaces(padded);
  const indices: number[] = [];
  tensorPlaces(def).forEach((place, tensor) => {
    const target = elementAt(targets, tensor);
    for (let row = 0; row < place.rows; row++) {
      for (let column = 0; column < place.columns; column++) {
        indices.push(
          target.offset + row * target.columns + paddedColumn(column, place, { def, padded }),
        );
      }
    }
  });
  return Int32Array.from(indices);
}

/** The four gates lie side by side, so padding goes behind each of them. */
function paddedColumn(
  column: number,
  { name }: TensorPlace,
  { def, padded }: { def: ModelDef; padded: ModelDef },
): number {
  if (!name.startsWith("encoder") && !name.startsWith("decoder")) return column;
  return Math.floor(column / def.hidden) * padded.hidden + (column % def.hidden);
}
