/** The dashboard in a browser: an edge that has a lot to tell, a test trip, a waveform; wide and on a phone. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { browser, buildPages, visit as goTo, openPage, signInBy } from "@weir/testing/browser.ts";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { DashboardRig, fullStatus, waveformBody } from "./dashboard-rig.ts";
import { startMs } from "./fog-rig.ts";

/** A folder for pictures of the pages, for whoever wants to look. */
const pictures = process.env["WEIR_PICTURES"];
const hourMs = 3_600_000;

async function tellEverything(rig: DashboardRig): Promise<void> {
  await rig.status(fullStatus);
  await rig.say({
    case: "bypass",
    value: {
      ...{ rule: "PH-LOW", active: true, by: "ana", reason: "probe is being cleaned" },
      expiresAtMs: startMs + 7.5 * hourMs,
    },
  });
  await rig.say({
    case: "configuration",
    value: {
      ...{ sha256: "badc0ffee0000000", outcome: ConfigurationOutcome.REFUSED, by: "file" },
      reason: "D11/CL01 has no register",
      changes: ["D11/CL01: every 1 s becomes 2 s", "plc-d-a: retries 2 becomes 3"],
    },
  });
  await rig.say({
    case: "trip",
    value: {
      ...{ rule: "VIB-HIGH", stage: "D11", tag: "P01-VIB/rms", value: 5.4, limit: 5 },
      cause: "vibration above 5.0 mm/s for 2 s",
    },
  });
  await rig.say(waveformBody());
}

async function visit(page: Page, path: string, shows: string | RegExp): Promise<void> {
  await goTo(page, path);
  await page.getByText(shows).first().waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

async function readEdges(page: Page): Promise<void> {
  await visit(page, "edges", "Not approved");
  for (const text of [
    /PH-LOW does not act, 7\.5\d? h left/,
    /TU-HIGH: cannot see the cause/,
    /Watchdog not armed/,
    /overdue by 18 d/,
    "never tested",
    "busy 93 %, needs 71 %",
    "✕ no answer from D14-FL",
    /✕ down since 0?3:00 \(2 h\): connection refused/,
    /NOT DRIVEN since .* 7 attempts came to nothing/,
    /exception 1, illegal function/,
    "▲ 212 readings left out: the bus had no time",
    /badc0ffe was refused \(.*from its file\): D11\/CL01 has no register/,
  ]) {
    await page.getByText(text).first().waitFor();
  }
}

async function testRule(page: Page, rig: DashboardRig): Promise<void> {
  const rule = page.locator(".rules li", { hasText: "CL-HIGH" });
  await rule.getByRole("button", { name: "Test trip…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Every output of this rule goes to its safe state").waitFor();
  await picture(page, "dialog-simulate");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(rig.commands).toEqual([]);
  await rule.getByRole("button", { name: "Test trip…" }).click();
  await dialog.getByLabel("Why, and who watches?").fill("yearly test, ana watches");
  await dialog.getByRole("button", { name: "Trip CL-HIGH now" }).click();
  await page.getByText("CL-HIGH is tripped as a test.").waitFor();
  await rule.getByRole("button", { name: "Record…" }).click();
  await dialog.getByLabel(/Passed:/).check();
  await dialog.getByLabel("What was seen at the machine?").fill("the pump stopped");
  rig.answer = { accepted: false, reason: "dosing_pump_1 is not verified yet" };
  await dialog.getByRole("button", { name: "Record" }).click();
  await dialog.getByText("Refused by the edge: dosing_pump_1 is not verified yet").waitFor();
  rig.answer = { accepted: true, reason: "CL-HIGH passed" };
  await dialog.getByRole("button", { name: "Record" }).click();
  await page.getByText("Recorded: CL-HIGH passed.").waitFor();
  expect(rig.commands.map(({ body }) => body.case)).toEqual([
    "simulateTrip",
    "recordProofTest",
    "recordProofTest",
  ]);
}

/** What an edge answers stays where the order was given until somebody has read it. */
async function refuseReset(page: Page, rig: DashboardRig): Promise<void> {
  const words = "Refused by the edge: vibration is still 5.4 mm/s";
  await visit(page, "", "VIB-HIGH");
  const card = page.locator(".trip", { hasText: "VIB-HIGH" });
  await card.getByRole("button", { name: "Reset VIB-HIGH…" }).click();
  await card.getByLabel("What was checked?").fill("bearing greased");
  rig.answer = { accepted: false, reason: "vibration is still 5.4 mm/s" };
  await card.getByRole("button", { name: /^Reset VIB-HIGH: / }).click();
  await card.getByText(words).waitFor();
  expect(await card.getByLabel("What was checked?").inputValue()).toBe("bearing greased");
  await visit(page, "edges", "Not approved");
  await visit(page, "", "VIB-HIGH");
  await card.getByText(words).waitFor();
  await picture(page, "refused-reset");
  await card.getByRole("button", { name: "Dismiss" }).click();
  await card.getByText(words).waitFor({ state: "detached" });
  rig.answer = { accepted: true, reason: "" };
}

async function lookAtWaveform(page: Page): Promise<void> {
  await visit(page, "events", "10.0 s of vibration kept from before VIB-HIGH tripped");
  await page.getByRole("button", { name: "Sensors" }).click();
  await page.getByText(/None yet/).waitFor();
  await page.getByRole("button", { name: "Protection" }).click();
  await page.getByText("10.0 s of vibration kept").waitFor();
  await picture(page, "events");
  await page.getByRole("link", { name: "Look at it" }).click();
  await page.getByText("Outer ring (BPFO)").waitFor();
  expect(await page.locator("canvas").count()).toBe(6);
  const loading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download CSV" }).click();
  const file = await (await loading).path();
  expect(readFileSync(file, "utf8").split("\r\n")).toHaveLength(10_002);
  await picture(page, "waveform");
}

/** What it says is what lies on the disk, and the command has the real folders. */
async function backUp(page: Page, rig: DashboardRig): Promise<void> {
  await visit(page, "health", "No backup was ever made");
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText("Last made").waitFor();
  const [name = ""] = readdirSync(join(rig.fogRig.folder, "backups"));
  const target = join(rig.fogRig.folder, "backups", name);
  expect(existsSync(join(target, "manifest.json"))).toBe(true);
  await page
    .getByText(`weir-fog restore ${target} --data-dir ${rig.fogRig.folder}`, { exact: true })
    .waitFor();
  await picture(page, "backup");
  rmSync(target, { recursive: true });
  await page.getByText("It is not there any more").waitFor();
}

const pages = ["", "health", "edges", "events", "waveform/edge-d%2F1%2F4"];

async function fitsPhone(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of pages) {
    await visit(page, path, "Riverside");
    await page.locator("main h1, main h2").first().waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide, `#/${path} is wider than a phone`).toBeLessThanOrEqual(390);
    await picture(page, `phone-${path.split("/")[0] || "plant"}`);
  }
}

test.runIf(browser.present)(
  "an edge's protection, a test trip and a waveform, in the browser and on a phone",
  { timeout: 180_000 },
  async () => {
    const rig = await new DashboardRig(buildPages("fog/dashboard")).start();
    onTestFinished(() => rig.stop());
    await tellEverything(rig);
    const problems: string[] = [];
    const page = await openPage(problems, { viewport: { width: 1600, height: 1000 } });
    await signInBy(page, rig.linkFor("engineer"));
    await readEdges(page);
    await picture(page, "edges");
    await testRule(page, rig);
    await refuseReset(page, rig);
    await backUp(page, rig);
    await lookAtWaveform(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.reload();
    await page.getByText("Outer ring (BPFO)").waitFor();
    await picture(page, "dark-waveform");
    await visit(page, "edges", "Not approved");
    await picture(page, "dark-edges");
    await page.emulateMedia({ colorScheme: "light" });
    await fitsPhone(page);
    expect(problems).toEqual([]);
  },
);
