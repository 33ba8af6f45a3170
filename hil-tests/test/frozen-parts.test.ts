/**
 * Each part of a running Weir is frozen, killed, cut off or restored, in turn, on both plants: what every page,
 * status, metric and log line says of it after five seconds, a minute and an hour of plant time, and after it is
 * back. What is promised stands in ../src/freezing/rows.ts, a row for each part and way.
 */
import { browser, buildServedPages, openPage, signInBy } from "@weir/testing/browser.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { isSoak, sized } from "@weir/testing/test-size.ts";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Freezer } from "../src/freezing/freezer.ts";
import { playRow } from "../src/freezing/play-row.ts";
import { rows } from "../src/freezing/rows.ts";
import { plantCases } from "../src/plants/plant-cases.ts";
import { isAlive } from "../src/processes/real-loop.ts";

/** Plant seconds in a real one: an hour is half a minute. */
const rate = 120;
const hangMs = sized(600_000, 3_600_000);
/** For looking at one row: "edge frozen". */
const only = process.env["WEIR_FREEZE"];

beforeAll(() => {
  if (!browser.present) return;
  buildServedPages("@weir/dashboard");
  buildServedPages("@weir/console");
}, 180_000);

describe.runIf(browser.present).each(plantCases)("$id", (plant) => {
  const own = rows.filter(({ part, way, push }) =>
    only ? only === `${part} ${way}` : isSoak || push === plant.id,
  );
  test.runIf(own.length > 0)(
    own.map(({ part, way }) => `${part} ${way}`).join(", ") || "rows of the large size",
    { timeout: hangMs },
    async () => {
      const problems: string[] = [];
      const viewer = async (link: string) => {
        const page = await openPage(problems);
        await signInBy(page, link);
        return page;
      };
      const freezer = new Freezer({ plant, folder: tempDir(), seed: 7, rate, openPage: viewer });
      onTestFinished(() => freezer.close());
      await freezer.start();
      // What one row finds does not hide what the next would.
      const broken: unknown[] = [];
      for (const row of own)
        await playRow(freezer, row, rate).catch((error) => void broken.push(error));
      expect(broken.map((error) => `${error}`).join("\n\n")).toBe("");
      const lost = /ERR_|Failed to load resource/;
      expect(problems.filter((text) => !lost.test(text))).toEqual([]);
      await freezer.close();
      await expect.poll(() => freezer.loop.pids.filter(isAlive)).toEqual([]);
    },
  );
});
