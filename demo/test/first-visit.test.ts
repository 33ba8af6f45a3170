/** What a first visitor does: start everything, open both applications, look, click; no console error anywhere. */
import { join } from "node:path";
import { plantById, plants } from "@weir/firmware-sim/plants/plants.ts";
import { simulatedIds } from "@weir/firmware-sim/plants/simulated-ids.ts";
import { browser, buildServedPages, openPage, signInBy, visit } from "@weir/testing/browser.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const minuteMs = 60_000;

/** What the story of each plant shows, and where. */
const stories = [
  {
    plant: "water-works",
    rule: "CL-HIGH",
    visited: ["stage/D11", "stage/W13"],
    /** Words of its trade that no other plant has a use for. */
    words: ["chlorine", "thickener", "sludge", "sewage", "turbidity", "grab sample"],
  },
  {
    plant: "bakery",
    rule: "OVER-TEMPERATURE-OV2",
    visited: ["stage/OV2", "stage/CW2"],
    words: ["burner", "compressor"],
  },
] as const;

/** Names and words of the other plants that this one does not have as well. */
function foreignTo(plant: string): RegExp {
  const namesOf = (ids: ReturnType<typeof simulatedIds>): string[] =>
    Object.entries(ids).flatMap(([kind, names]) => (kind === "scenarios" ? [] : names));
  const own = new Set(namesOf(simulatedIds([plantById(plant)])));
  const others = plants.filter(({ id }) => id !== plant);
  const names = namesOf(simulatedIds(others)).filter((name) => !own.has(name));
  const sites = others.map(({ site }) => site.name);
  const words = stories.flatMap((story) => (story.plant === plant ? [] : story.words));
  const all = [...names, ...sites, ...words].toSorted((a, b) => b.length - a.length);
  const escaped = all.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`(?<![\\w-])(?:${escaped.join("|")})(?![\\w-])`, "i");
}

const fogPages = ["", "trends", "incidents", "events", "edges", "learning", "health"];
const cloudPages = ["", "tickets", "history", "training", "models", "learning", "health"];

beforeAll(() => {
  if (!browser.present) return;
  buildServedPages("@weir/dashboard");
  buildServedPages("@weir/console");
});

describe.each(stories)("$plant", (story) => {
  test.runIf(browser.present)(
    "the story unfolds, and both applications answer to it",
    { timeout: 8 * minuteMs },
    async () => {
      const demo = startProgram({
        program: join(root, "demo/src/main.ts"),
        args: ["--plant", story.plant, "--json", "--ports", "0", "--data-dir", tempDir()],
      });
      const fogUrl = await addressOf(demo, "fog dashboard");
      const cloudUrl = await addressOf(demo, "cloud console");
      await demo.waitFor("trip", undefined, 2 * minuteMs);

      const { site, stages } = plantById(story.plant);
      const problems: string[] = [];
      const wide = { viewport: { width: 1920, height: 1080 } };
      const fog = await openPage(problems, wide);
      await signInBy(fog, fogUrl);
      await fog.locator(".cell").first().waitFor();
      expect(await fog.locator(".cell").count()).toBe(stages.length);
      await fog.getByText(story.rule).first().waitFor({ timeout: minuteMs });
      await resetTrip(fog, story.rule);
      await sayWhatItWas(fog);

      const foreign = foreignTo(story.plant);
      const found: string[] = [];
      for (const path of [...fogPages, ...story.visited]) {
        found.push(...(await read(fog, path, foreign)));
      }
      const cloud = await openPage(problems, wide);
      await signInBy(cloud, cloudUrl);
      await cloud.getByText(site.name).first().waitFor({ timeout: minuteMs });
      for (const path of cloudPages) found.push(...(await read(cloud, path, foreign)));
      await visit(cloud, "models");
      await cloud
        .getByRole("button", { name: /damaged copy/i })
        .first()
        .waitFor();

      expect(problems).toEqual([]);
      expect(found).toEqual([]);
      expect(await demo.stop()).toBe(0);
    },
  );
});

async function addressOf(demo: TierProcess, what: string): Promise<string> {
  const event = await demo.waitFor("address", (one) => one["what"] === what, 2 * minuteMs);
  return String(event["url"]);
}

async function sayWhatItWas(page: Page): Promise<void> {
  await visit(page, "");
  await page.locator(".incident-card").first().click();
  await page.getByRole("button", { name: "Real – act" }).click();
  await page.getByRole("button", { name: "Store" }).click();
  await page.getByText("Stored.").waitFor();
}

/** A latched trip whose cause is still there says that its reset would be refused, and it is. */
async function resetTrip(page: Page, rule: string): Promise<void> {
  await visit(page, "");
  const card = page.locator(".trip", { hasText: rule }).first();
  const standing = card.getByText(/^(Would be refused: .+|The cause is gone\.)$/);
  const wouldBe = await standing.innerText();
  await card.getByRole("button", { name: `Reset ${rule}…` }).click();
  await card.getByLabel("What was checked?").fill("looked at the machine");
  await card.getByRole("button", { name: new RegExp(`^Reset ${rule}:`) }).click();
  const isRefused = wouldBe.startsWith("Would be refused");
  await page
    .getByText(isRefused ? /Refused by the edge: .*\S/ : /reset accepted by/)
    .first()
    .waitFor();
  if (isRefused) await card.getByRole("button", { name: "Cancel" }).click();
}

/** What the page says that belongs to another plant. */
async function read(page: Page, path: string, foreign: RegExp): Promise<string[]> {
  await visit(page, path);
  await page.locator("main h1, main h2").first().waitFor();
  // What it asks for by itself has come.
  await page.locator("main:not(:has(.skeleton))").waitFor();
  const said = foreign.exec(await page.locator("body").innerText());
  return said === null ? [] : [`${page.url()}: ${said[0]}`];
}
