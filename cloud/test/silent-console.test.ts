/** A cloud that hangs, and one that is killed and comes back: what the console says meanwhile. */
import { join } from "node:path";
import { browser, buildServedPages, openPage, signInBy, visit } from "@weir/testing/browser.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { freePort } from "@weir/testing/free-port.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, onTestFinished, test } from "vitest";

async function startCloud(dataDir: string, port: number) {
  const ports = ["--door-port", "0", "--console-port", String(port)];
  const args = ["run", "--data-dir", dataDir, ...ports, "--json"];
  const cloud = startProgram({ program: "weir-cloud", args });
  const address = await cloud.waitFor("address", ({ what }) => what === "console");
  await cloud.waitFor("started");
  const link = cloud.events.find(({ event }) => event === "sign-in")?.["url"];
  return { cloud, url: String(address["url"]), link: String(link ?? "") };
}

test.runIf(browser.present)(
  "the console says that its server is silent, over everything, and recovers by itself",
  { timeout: 180_000 },
  async () => {
    buildServedPages("@weir/console");
    const dataDir = join(tempDir(), "cloud");
    const { cloud, url, link } = await startCloud(dataDir, await freePort());
    const problems: string[] = [];
    const page = await openPage(problems);
    await signInBy(page, link);
    const band = page.locator(".unheard-band");
    await page.getByText("No site has reported yet").first().waitFor();
    for (const path of ["tickets", "history", "learning", "training", "models", "health", ""]) {
      await visit(page, path);
      await page.locator("main h1, main .empty").first().waitFor();
      // What exists for a demonstration alone is not here.
      expect(await page.getByText("Send a damaged copy").count()).toBe(0);
    }
    expect(await band.count()).toBe(0);

    process.kill(cloud.pid, "SIGSTOP");
    onTestFinished(() => {
      try {
        process.kill(cloud.pid, "SIGCONT");
      } catch {
        // It has ended.
      }
    });
    await band.getByText(/The server is silent since \d\d:\d\d:\d\d/).waitFor();
    await page.locator("main.unheard").waitFor();
    process.kill(cloud.pid, "SIGCONT");
    await band.waitFor({ state: "detached" });

    await cloud.kill();
    await band.getByText(/The server is silent since/).waitFor();
    await startCloud(dataDir, Number(new URL(url).port));
    await band.waitFor({ state: "detached" });
    const unexpected = problems.filter((text) => !/ERR_|Failed to load resource/.test(text));
    expect(unexpected).toEqual([]);
  },
);
