/** What a trip's card says of an output, and of what its reset sets free. */
import type { TripView } from "@weir/contracts/api/fog.ts";
import { siteZone } from "@weir/ui/site-clock.ts";
import { expect, test } from "vitest";
import { outputWords, resetMeaning } from "./trip-card.tsx";

const nowMs = Date.UTC(2026, 5, 2, 12);
type Output = TripView["outputs"][number];
const output = (fields: Partial<Output>): Output => ({
  ...{ output: "coil", state: "off", outcome: "verified", afterMs: 36_919_800, detail: "" },
  ...{ atMs: nowMs, confirmedAfterMs: 300 },
  ...fields,
});
const lostAtMs = nowMs - 7_200_000;

test.each([
  [{}, /^verified by feedback after (300 ms|0\.3 s)$/],
  [{ detail: "read back" }, /^verified by reading it back after/],
  [
    {
      outcome: "written",
      confirmedAfterMs: undefined,
      detail: "nothing shows whether it followed",
    },
    /^written; nothing shows whether it followed$/,
  ],
  [{ lostAtMs }, /after (300 ms|0\.3 s), lost 10:00 \(2 h\) and verified again$/],
  [{ outcome: "failed", lostAtMs }, /NOT FOLLOW, first verified after .*, lost 10:00 \(2 h\)$/],
  [{ outcome: "failed", confirmedAfterMs: undefined }, /^FEEDBACK DID NOT FOLLOW$/],
] as const)("%o", (fields, words) => {
  siteZone.value = "UTC";
  expect(outputWords(output(fields), nowMs)).toMatch(words);
});

test("a rule without outputs sets none free", () => {
  expect(resetMeaning({ outputs: [] })).toBe("it drives no output");
  expect(resetMeaning({ outputs: [output({})] })).toBe("its outputs may start");
});
