/** A fog that hangs, and one that is killed and comes back: what the page of a person who watches says meanwhile. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { browser, buildServedPages, openPage, signInBy, visit } from "@weir/testing/browser.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { freePort } from "@weir/testing/free-port.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, onTestFinished, test } from "vitest";

/** A plant that is in no example. */
const site = {
  site: { id: "millpond", name: "Millpond", tz: "Europe/Vienna" },
  stages: ["TANK1", "TANK2", "PUMP"].map((id) => ({ id, name: id, line: "A", upstream: [] })),
  lines: [{ id: "A", name: "Supply" }],
  kpis: [],
};

interface RunningFog {
  fog: TierProcess;
  url: string;
  link: string | undefined;
}

async function startFog(folder: string, port: number): Promise<RunningFog> {
  writeFileSync(join(folder, "site.yaml"), JSON.stringify(site));
  writeFileSync(
    join(folder, "fog.yaml"),
    `site: site.yaml\nmqtt: {port: 0}\nhttp: {port: ${port}}\n`,
  );
  const files = ["--config", join(folder, "fog.yaml"), "--data-dir", join(folder, "data")];
  const fog = startProgram({ program: "weir-fog", args: ["run", ...files, "--json"] });
  const address = await fog.waitFor("address", ({ what }) => what === "dashboard");
  await fog.waitFor("started");
  const link = fog.events.find(({ event }) => event === "sign-in")?.["url"];
  return { fog, url: String(address["url"]), link: link === undefined ? undefined : String(link) };
}

test.runIf(browser.present)(
  "a page says that its server is silent, over everything, and recovers by itself",
  { timeout: 180_000 },
  async () => {
    buildServedPages("@weir/dashboard");
    const folder = tempDir();
    const { fog, url, link = "" } = await startFog(folder, await freePort());
    const problems: string[] = [];
    const page = await openPage(problems, { timezoneId: "Asia/Tokyo" });
    await signInBy(page, link);
    const band = page.locator(".unheard-band");
    const grey = page.locator("main.unheard");

    // A fog that has heard nothing claims nothing.
    await page.getByText("Blind").first().waitFor();
    expect(await page.locator("main").innerText()).not.toMatch(/normal/i);
    await page.getByText(/nothing is known of trips/).waitFor();
    await page.getByText("Europe/Vienna").waitFor();
    expect(await band.count()).toBe(0);

    for (const path of ["", "incidents", "trends", "edges", "events", "learning", "health"]) {
      await visit(page, path);
      await page.locator("main h1, main h2").first().waitFor();
    }

    process.kill(fog.pid, "SIGSTOP");
    onTestFinished(() => {
      try {
        process.kill(fog.pid, "SIGCONT");
      } catch {
        // It has ended.
      }
    });
    await band.getByText(/The server is silent since \d\d:\d\d:\d\d/).waitFor();
    await grey.waitFor();
    // As often as one looks, wherever one goes.
    for (const path of ["edges", "stage/TANK1", ""]) {
      await visit(page, path);
      expect(await band.count()).toBe(1);
      expect(await grey.count()).toBe(1);
    }
    // What it never had is not told to be on its way.
    await visit(page, "stage/TANK2");
    await page.getByText("Not loaded: the server does not answer.").waitFor();
    expect(await page.locator(".skeleton").count()).toBe(0);
    process.kill(fog.pid, "SIGCONT");
    await band.waitFor({ state: "detached" });
    await grey.waitFor({ state: "detached" });

    await fog.kill();
    await band.getByText(/The server is silent since/).waitFor();
    await startFog(folder, Number(new URL(url).port));
    await band.waitFor({ state: "detached" });
    await page.getByText("robin").waitFor();

    const unexpected = problems.filter((text) => !/ERR_|Failed to load resource/.test(text));
    expect(unexpected).toEqual([]);
  },
);
