/** A plant that is in no example, whose one edge falls silent: no page shows anything of it as if it were now. */
import type { SiteModel } from "@weir/contracts/site.ts";
import { browser, buildPages, openPage, signInBy, visit } from "@weir/testing/browser.ts";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { DashboardRig } from "./dashboard-rig.ts";
import { FakeEdge } from "./fake-edge.ts";
import { seconds, startMs } from "./fog-rig.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const stages = ["TANK1", "TANK2", "PUMP"];
const site: SiteModel = {
  site: { id: "millpond", name: "Millpond", tz: "Europe/Vienna" },
  lines: [],
  stages: stages.map((id) => ({ id, name: id, line: "", upstream: [], equipment: "" })),
  kpis: [{ id: "level", name: "Level", unit: "m", tags: ["e1/TANK1/LV01", "e1/TANK2/LV01"] }],
};
const names = ["TANK1/LV01", "TANK2/LV01", "TANK2/X7", "PUMP/I01"];

/** Every ten seconds what was read since, and what the edge says of itself. */
async function live(rig: DashboardRig, minutes: number): Promise<void> {
  for (let step = 0; step < minutes * 6; step++) {
    await rig.fogRig.clock.advance(10_000);
    const nowMs = rig.fogRig.clock.nowMs();
    await rig.readings(seconds(nowMs - 10_000, 10));
    await rig.status({ atMs: nowMs, ledger: { atMs: nowMs, acquired: 40, delivered: 40 } });
  }
  // What was received is stored within a moment of the fog's clock.
  await rig.fogRig.clock.advance(1_000);
}

/** What a page shows as being so now: all but its record of what was told before. */
const textOf = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const copy = document.querySelector("main").cloneNode(true);
    for (const past of copy.querySelectorAll(".story")) past.remove();
    return copy.textContent;
  })()`);

async function readSilentPages(page: Page): Promise<void> {
  await visit(page, "");
  await page.getByText("Blind", { exact: true }).waitFor();
  const cells = page.locator(".cell");
  expect(await cells.count()).toBe(3);
  expect(await page.locator(".cell.is-silent .crossed-eye").count()).toBeGreaterThanOrEqual(3);
  await page
    .locator(".kpi.is-silent")
    .getByText(/not heard since 0?\d:\d\d \(2 h\)/)
    .waitFor();
  await page.getByText(/whether anything has tripped is not known/).waitFor();
  await page.locator(".incident-card").getByText(/e1/).first().waitFor();
  const pages: [path: string, shows: RegExp][] = [
    ["", /Open incidents/],
    ["stage/TANK1", /not heard since/],
    ["edges", /not heard since/],
    ["incidents", /e1/],
    ["health", /e1/],
    ["incidents?show=suppressed", /Out of service/],
  ];
  for (const [path, shows] of pages) {
    await visit(page, path);
    await page.getByText(shows).first().waitFor();
    const text = await textOf(page);
    expect(text, path).not.toMatch(/\bnormal\b|all well|it keeps protecting|is connected\b/i);
    expect(text, path).not.toMatch(/all \d+ edges say so|approved, says/);
  }
}

test.runIf(browser.present)(
  "an edge that is silent for two hours is silent on every page",
  { timeout: 180_000 },
  async () => {
    const edge = new FakeEdge("e1", names);
    edge.site = site.site.id;
    const rig = await new DashboardRig(buildPages("fog/dashboard"), { site, edge }).start();
    onTestFinished(() => rig.stop());
    await live(rig, 10);
    const problems: string[] = [];
    const page = await openPage(problems, { timezoneId: "Asia/Tokyo" });
    await signInBy(page, rig.linkFor("engineer"));

    // While it is heard: values, without an age; times by the site's clocks, two hours ahead of UTC in June.
    await page.getByText(/all \d+ edges say so now|the edge says so now/).waitFor();
    expect(await page.locator(".kpi.is-silent, .kpi.is-stale").count()).toBe(0);
    const clock = new Date(startMs + 10 * minuteMs + 2 * hourMs).toISOString().slice(11, 16);
    await page.locator(".site-clock").getByText(clock).waitFor();

    // Trends open what the site has; a tag that it does not have is named, and not asked for for ever.
    await visit(page, "trends?tags=x/NOPE/T1,e1/TANK2/LV01");
    await page.getByText("This site has no tag “x/NOPE/T1”.").waitFor();
    await page.locator(".trend canvas").first().waitFor();
    await page.getByLabel("Search tags").fill("pump i01");
    await page.locator(".tag-line").first().click();
    expect(decodeURIComponent(page.url())).toContain("e1/PUMP/I01");
    await page.reload();
    await page.locator(".pens button").nth(1).waitFor();
    expect(await page.locator(".pens button").count()).toBe(2);

    await rig.fogRig.clock.advance(2 * hourMs);
    await readSilentPages(page);
    await visit(page, "trends");
    await page
      .getByText(/not heard since/)
      .first()
      .waitFor();

    // It comes back, and so does what is known of it.
    await live(rig, 3);
    await visit(page, "");
    await page.locator(".kpi:not(.is-silent):not(.is-stale)").waitFor();
    await page.getByText(/the edge says so now/).waitFor();
    expect(problems).toEqual([]);
  },
);
