import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeBlock } from "./decode-block.ts";
import { makeDictionary } from "./dictionary.ts";
import { encodeBlock } from "./encode-block.ts";
import { goldenBlocks } from "./golden-blocks.ts";

const folder = new URL("../../fixtures/blocks/", import.meta.url);

/** Bytes as the fixture keeps them: hexadecimal, 32 to a line. */
const hexOf = (bytes: Uint8Array): string =>
  `${Buffer.from(bytes)
    .toString("hex")
    .replace(/(.{64})(?=.)/g, "$1\n")}\n`;

test("every fixture is a golden block, and the other way round", () => {
  const files = readdirSync(folder).sort();
  expect(files).toEqual(
    Object.keys(goldenBlocks)
      .map((name) => `${name}.hex`)
      .sort(),
  );
});

test.each(Object.entries(goldenBlocks))("%s", (name, { tags, columns }) => {
  const kept = readFileSync(new URL(`${name}.hex`, folder), "utf8");
  const dictionary = makeDictionary(tags);
  expect(hexOf(encodeBlock(dictionary, columns))).toBe(kept);
  const bytes = Uint8Array.from(Buffer.from(kept.replaceAll("\n", ""), "hex"));
  expect(decodeBlock(dictionary, bytes)).toEqual({ ok: true, columns });
});
