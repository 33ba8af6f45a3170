/**
 * Each part of a running Weir is frozen, killed, cut off or restored, in turn, on both plants: what every page,
 * status, metric and log line says of it during an hour of plant time, and after it is back. What is promised stands in
 * ../src/freezing/rows.ts, a row for each part and way, and by when in promises.ts.
 */
import { browser, buildServedPages, openPage, signInBy } from "@weir/testing/browser.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { isSoak, sized } from "@weir/testing/test-size.ts";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Row } from "../src/freezing/expectation.ts";
import { Freezer } from "../src/freezing/freezer.ts";
import { playRow } from "../src/freezing/play-row.ts";
import { rows } from "../src/freezing/rows.ts";
import { type PlantCase, plantCases } from "../src/plants/plant-cases.ts";
import { isAlive } from "../src/processes/real-loop.ts";

/** Plant seconds in a real one, as many as two busy cores carry: an hour is half a minute, or one of the large plant. */
const rateOf = ({ plant }: PlantCase): number => (plant.sensors.length > 100 ? 60 : 120);
const hangMs = sized(1_200_000, 2 * 3_600_000);
/** For looking at some rows: "edge frozen, fog killed"; when each promise was kept is printed. */
const only = process.env["WEIR_FREEZE"]?.split(/,\s*/);

/** When each promise of a row was kept, real time. */
const tableOf = (
  { part, way }: Row,
  { times, rate }: { times: Awaited<ReturnType<typeof playRow>>; rate: number },
): string =>
  times
    .map(({ where, says, toldMs }) => {
      const real = (toldMs / rate / 1_000).toFixed(1).padStart(6);
      return `${part} ${way} | ${real} s | ${where} | ${says}\n`;
    })
    .join("");

beforeAll(() => {
  if (!browser.present) return;
  buildServedPages("@weir/dashboard");
  buildServedPages("@weir/console");
}, 180_000);

describe.runIf(browser.present).each(plantCases)("$id", (plant) => {
  const own = rows.filter(({ part, way, push }) =>
    only ? only.includes(`${part} ${way}`) : isSoak || push?.includes(plant.id as "bakery"),
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
      const rate = rateOf(plant);
      const freezer = new Freezer({ plant, folder: tempDir(), seed: 7, rate, openPage: viewer });
      onTestFinished(() => freezer.close());
      await freezer.start();
      // What one row finds does not hide what the next would.
      const broken: unknown[] = [];
      for (const row of own) {
        try {
          const times = await playRow(freezer, row);
          if (only) process.stdout.write(tableOf(row, { times, rate }));
        } catch (error) {
          broken.push(error);
        }
      }
      expect(broken.map((error) => `${error}`).join("\n\n")).toBe("");
      const lost = /ERR_|Failed to load resource/;
      expect(problems.filter((text) => !lost.test(text))).toEqual([]);
      await freezer.close();
      await expect.poll(() => freezer.loop.pids.filter(isAlive)).toEqual([]);
    },
  );
});
