/** The console of a site in no example: a ticket whose outcome a person chooses and corrects, a site that is silent. */
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { EventSchema, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { browser, buildPages, openPage, signInBy, visit } from "@weir/testing/browser.ts";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { createConsole } from "../src/api/console-server.ts";
import { type Cloud, createCloud } from "../src/cloud.ts";
import { minuteMs } from "../src/limits.ts";
import { inlineRunner } from "../src/trainer/runner.inline.ts";
import { type FeedTag, item, minuteBody, modelBody, push, site, tagsBody } from "./site-feed.ts";
import { temporaryDir } from "./temporary-dir.ts";

/** 07:00 in Vienna. */
const nowMs = Date.UTC(2026, 5, 2, 5);
const tags: FeedTag[] = ["TANK1", "TANK2", "PUMP"].map((stage) => ({
  ...{ id: `e1/${stage}/X1`, kind: "", unit: "bar", periodMs: 10_000, resolution: 0.01 },
}));
const model: SiteModel = {
  site: { id: site, name: "Millpond", tz: "Europe/Vienna" },
  lines: [],
  stages: tags.map(({ id }) => {
    const stage = id.split("/")[1] ?? "";
    return { id: stage, name: stage, line: "", upstream: [], equipment: "" };
  }),
  kpis: [],
};

const failedOutput = create(EventSchema, {
  id: "e1/1/7",
  atMs: nowMs,
  body: {
    case: "output",
    value: {
      ...{ $typeName: "weir.v1.OutputChange", output: "valve", rule: "LEVEL-HIGH", state: "shut" },
      ...{
        outcome: OutputOutcome.FAILED,
        afterMs: 5_000,
        detail: "feedback did not follow",
        again: false,
      },
    },
  },
});

interface Opened {
  cloud: Cloud;
  /** A one-time link of this role. */
  linkFor: (role: "viewer" | "engineer") => string;
  close: () => Promise<void>;
}

async function open(dataDir: string, pages: string): Promise<Opened> {
  const io = systemClock();
  const plant = new SimulatedClock(nowMs);
  const cloud = await createCloud({
    ...{ dataDir, plant, io, logger: silentLogger, runner: inlineRunner },
    training: { automatic: false, include: [], exclude: [], epochCount: 1, seed: 1 },
  });
  cloud.start();
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });
  const accounts = openAccounts(db, io);
  const server = await createConsole({
    ...{ cloud, accounts, host: "127.0.0.1", port: 0, logger: silentLogger },
    ...{ plant, io, clockSpec: undefined, pages },
  });
  const { url } = await server.listen();
  const close = async () => {
    await server.close();
    await cloud.close();
    db.close();
  };
  const linkFor = (role: "viewer" | "engineer") =>
    `${url}/signin?token=${accounts.createSignInToken({ role, ttlMs: 600_000 })}`;
  return { cloud, linkFor, close };
}

async function tell(cloud: Cloud): Promise<void> {
  const event = {
    case: "event",
    value: { $typeName: "weir.v1.EdgeEvent", edge: "e1", event: failedOutput },
  } as const;
  const minutes = Array.from({ length: 5 }, (_, m) =>
    item(m + 4, minuteBody(nowMs - (5 - m) * minuteMs, { tags, value: () => 1 + m })),
  );
  const head = [item(1, modelBody(model)), item(2, tagsBody(tags)), item(3, event)];
  await cloud.door.push(push([...head, ...minutes]), site);
  await cloud.settled();
}

async function closeAndCorrect(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Close…" }).click();
  expect(await dialog.locator("input[type=radio]:checked").count()).toBe(0);
  // Nothing is closed without an outcome.
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  expect(await dialog.count()).toBe(1);
  await dialog.getByLabel(/No fault was found/).check();
  await dialog.getByLabel("What was found and done?").fill("looked at the valve");
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Closed: No fault was found").waitFor();
  await page.getByRole("button", { name: "Correct the outcome…" }).click();
  await dialog.getByLabel(/The fault was there and is repaired/).check();
  await dialog.getByRole("button", { name: "Correct", exact: true }).click();
  await page.getByText("Closed: The fault was there and is repaired").waitFor();
  await page.getByRole("button", { name: "Open again…" }).click();
  await dialog.getByLabel("Why?").fill("it came back");
  await dialog.getByRole("button", { name: "Open again", exact: true }).click();
  await page.getByRole("button", { name: "Acknowledge" }).waitFor();
}

test.runIf(browser.present)(
  "a ticket is closed by choice, corrected and opened again; a silent site says since when",
  { timeout: 180_000 },
  async () => {
    const dataDir = temporaryDir();
    const pages = buildPages("cloud/console");
    const problems: string[] = [];
    const page = await openPage(problems, { timezoneId: "America/New_York" });

    const first = await open(dataDir, pages);
    await tell(first.cloud);
    await signInBy(page, first.linkFor("engineer"));
    await page.getByText("Millpond").first().waitFor();
    await page.locator(".site-clock").getByText("07:00").waitFor();
    await page.getByText("1 of 1").waitFor();
    await page.locator(".ticket-card").first().click();
    await page.getByText("What becomes of it").waitFor();
    await closeAndCorrect(page);
    await visit(page, "health");
    await page.getByText("No backup was ever made").waitFor();
    await page.getByRole("button", { name: "Back up now" }).click();
    await page.getByText("Last made").waitFor();
    await page.getByText(`weir-cloud restore ${join(dataDir, "backups")}/`).waitFor();
    for (const path of [
      "history",
      "learning",
      "training",
      "models",
      "health",
      "tickets?show=all",
    ]) {
      await visit(page, path);
      await page.locator("main h1").first().waitFor();
    }
    await visit(page, "history");
    await page.getByLabel("Search tags").fill("tank2");
    expect(await page.locator(".tag-line").count()).toBe(1);
    expect(problems).toEqual([]);
    await first.close();

    const second = await open(dataDir, pages);
    onTestFinished(second.close);
    const later = await openPage([], { timezoneId: "America/New_York" });
    await signInBy(later, second.linkFor("viewer"));
    for (const path of ["", "health", "history"]) {
      await visit(later, path);
      await later
        .getByText(/not heard since/)
        .first()
        .waitFor();
    }
    await visit(later, "");
    await later.getByText(/what is open now is not known/).waitFor();
    await later.getByText("0 of 1").waitFor();
  },
);
