/** What a first visitor does: start everything, open both applications, look, click; no console error anywhere. */
import { join } from "node:path";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { type Browser, chromium, type Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";

const browser = needs("chromium");
const root = join(import.meta.dirname, "../..");
const minuteMs = 60_000;
const password = "eleven green herons";

/** What the story of each plant shows, and where. */
const stories = [
  {
    plant: "water-works",
    stages: 45,
    site: "Riverside",
    rule: "CL-HIGH",
    visited: ["stage/D11", "stage/W13"],
    /** Words that belong to another plant. */
    foreign:
      /millerlane|edge-(?:baking|utilities)|\b(?:OV[123]|CW[123]|CA[1-4])\b|burner|compressor/i,
  },
  {
    plant: "bakery",
    stages: 14,
    site: "Miller Lane",
    rule: "OVER-TEMPERATURE-OV2",
    visited: ["stage/OV2", "stage/CW2"],
    foreign:
      /riverside|edge-[dw]\b|\b[WSD]\d\d\b|chlorine|thickener|sludge|sewage|turbidity|grab sample/i,
  },
] as const;

const fogPages = ["", "trends", "incidents", "events", "edges", "learning", "health"];
const cloudPages = ["", "tickets", "history", "training", "models", "learning", "health"];

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

      const problems: string[] = [];
      const chrome = await openBrowser();
      const fog = await openPage(chrome, { url: fogUrl, problems });
      await chooseName(fog);
      await fog.locator(".cell").first().waitFor();
      expect(await fog.locator(".cell").count()).toBe(story.stages);
      await fog.getByText(story.rule).first().waitFor({ timeout: minuteMs });

      await sayWhatItWas(fog);
      await resetTrip(fog, story.rule);
      const foreign: string[] = [];
      for (const path of [...fogPages, ...story.visited]) {
        foreign.push(...(await visit(fog, path, story.foreign)));
      }

      const cloud = await openPage(chrome, { url: cloudUrl, problems });
      await chooseName(cloud);
      await cloud.getByText(story.site).first().waitFor({ timeout: minuteMs });
      for (const path of cloudPages) foreign.push(...(await visit(cloud, path, story.foreign)));
      await visit(cloud, "models", story.foreign);
      await cloud
        .getByRole("button", { name: /damaged copy/i })
        .first()
        .waitFor();

      expect(problems).toEqual([]);
      expect(foreign).toEqual([]);
      expect(await demo.stop()).toBe(0);
    },
  );
});

async function addressOf(demo: TierProcess, what: string): Promise<string> {
  const event = await demo.waitFor("address", (one) => one["what"] === what, 2 * minuteMs);
  return String(event["url"]);
}

async function openBrowser(): Promise<Browser> {
  const quiet = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  const opened = await chromium.launch({ executablePath: browser.path, args: quiet });
  onTestFinished(() => opened.close());
  return opened;
}

/** Follows a one-time link; what the console complains about ends up in `problems`. */
async function openPage(
  chrome: Browser,
  { url, problems }: { url: string; problems: string[] },
): Promise<Page> {
  const page = await (
    await chrome.newContext({ viewport: { width: 1920, height: 1080 } })
  ).newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  await page.goto(url);
  return page;
}

/** A newcomer may look; to change something they need a name. */
async function chooseName(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Choose" }).click();
  await page.getByLabel("Name").fill("robin");
  await page.getByLabel(/Password/).fill(password);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("robin").waitFor();
}

async function sayWhatItWas(page: Page): Promise<void> {
  await page.locator(".incident-card").first().click();
  await page.getByRole("button", { name: "Real – act" }).click();
  await page.getByRole("button", { name: "Store" }).click();
  await page.getByText("Stored.").waitFor();
}

/** Accepted or refused, the edge answers; a latched trip with its cause still there is refused. */
async function resetTrip(page: Page, rule: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/`);
  await page
    .getByRole("button", { name: `Reset ${rule}…` })
    .first()
    .click();
  await page.getByLabel("What was checked?").fill("looked at the machine");
  await page.getByRole("button", { name: new RegExp(`^Reset ${rule}:`) }).click();
  await page
    .getByText(/reset accepted by|Refused by the edge|No output is held/)
    .first()
    .waitFor();
}

/** What the page says that belongs to another plant. */
async function visit(page: Page, path: string, foreign: RegExp): Promise<string[]> {
  await page.goto(`${new URL(page.url()).origin}/#/${path}`);
  await page.locator("main h1, main h2").first().waitFor();
  const said = foreign.exec(await page.locator("body").innerText());
  return said === null ? [] : [`${page.url()}: ${said[0]}`];
}
