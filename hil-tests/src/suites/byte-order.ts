/** 32-bit values in all four byte orders: only the configured one may make sense. */

import assert from "node:assert";
import { elementAt } from "@weir/contracts/elements.ts";
import { decoderOf } from "@weir/edge/conditioning/decode.ts";
import {
  byteOrders,
  type ConnectionSettings,
  isModbus,
  type TagSettings,
  widthOf,
} from "@weir/edge/configuration/configuration.ts";
import { DirectMaster } from "../rigs/direct-master.ts";
import { check, info, type ResultRow, type Suite, type SuiteContext } from "./suite.ts";

/** Smaller floats are registers of another kind. */
const plausibleMin = 1e-6;

export const byteOrder: Suite = {
  id: "byte-order",
  title: "Byte order",
  about:
    "Each value of two registers is decoded in every order; only the configured one may lie where it can.",
  unfit: ({ configuration }) =>
    configuration.tags.some((tag) => tag.place && widthOf[tag.type] === 2)
      ? undefined
      : "no values of two registers",
  run: async (context) => {
    const found: Finding[] = [];
    for (const connection of context.configuration.connections) {
      if (isModbus(connection.type)) found.push(...(await examine(context, connection)));
    }
    const misread = found.filter(({ fits, own }) => !fits.includes(own));
    const ambiguous = found.filter(({ fits, own }) => fits.includes(own) && fits.length > 1);
    const rows: ResultRow[] = [
      check("Values that make sense in their configured order", {
        measured:
          misread.length === 0
            ? `${found.length} of ${found.length}`
            : misread
                .map(({ tag, fits }) => `${tag}: rather ${fits.join(" or ") || "none"}`)
                .join("; "),
        asked: "all",
        ok: misread.length === 0,
      }),
      info(
        "Values that would make sense in another order as well",
        ambiguous.length === 0
          ? "none"
          : ambiguous.map(({ tag, fits }) => `${tag} (${fits.join(", ")})`).join("; "),
      ),
    ];
    return { rows, distributions: [] };
  },
};

interface Finding {
  tag: string;
  own: string;
  fits: string[];
}

async function examine(
  { configuration, expect }: SuiteContext,
  connection: ConnectionSettings,
): Promise<Finding[]> {
  const wide = configuration.tags.filter(
    (tag) =>
      tag.place &&
      widthOf[tag.type] === 2 &&
      configuration.devices[tag.device]?.connection === connection.index,
  );
  if (wide.length === 0) return [];
  const master = await DirectMaster.open(connection);
  try {
    const found: Finding[] = [];
    for (const tag of wide) {
      const { unit } = elementAt(configuration.devices, tag.device);
      const words = await master.read({ unit, place: tag.place as never }, 2);
      found.push(judge(tag, words, expect(tag.id) ?? [tag.min, tag.max]));
    }
    return found;
  } finally {
    await master.close();
  }
}

function judge(tag: TagSettings, words: number[], [low, high]: readonly [number, number]): Finding {
  const bytes = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  const { type } = tag;
  assert(type !== "bool");
  const fits = byteOrders.filter((order) => {
    const raw = decoderOf(type, order)(bytes, 0);
    const value = raw * tag.scale + tag.offset;
    const isPlausible = tag.type !== "float32" || raw === 0 || Math.abs(raw) >= plausibleMin;
    return isPlausible && value >= low && value <= high;
  });
  return { tag: tag.id, own: tag.byteOrder, fits };
}
