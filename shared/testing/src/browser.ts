/** A browser for tests of the pages: started once a test, its complaints kept, closed with the test. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { needs } from "./conditions.ts";
import { tempDir } from "./temp-dir.ts";

export const browser = needs("chromium");

const root = join(import.meta.dirname, "../../..");
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const password = "eleven green herons";

/** Builds a web application as its sources are now into a folder of the test's own. */
export function buildPages(application: "fog/dashboard" | "cloud/console"): string {
  const folder = tempDir();
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const words = [vite, "build", "--logLevel", "warn", "--outDir", folder, "--emptyOutDir"];
  execFileSync(process.execPath, words, { cwd: join(root, application), stdio: "inherit" });
  return folder;
}

/** Builds a web application where its tier serves it from, unless that has been done for these sources. */
export function buildServedPages(name: "@weir/dashboard" | "@weir/console"): void {
  const turbo = join(root, "node_modules/.bin/turbo");
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const words = ["run", "build", `--filter=${name}`, "--output-logs=errors-only"];
  execFileSync(turbo, words, { cwd: root, stdio: "inherit", env });
}

/** A page in a browser of its own; what it complains about, but for lost connections, goes to `problems`. */
export async function openPage(
  problems: string[],
  options: BrowserContextOptions = { viewport: { width: 1366, height: 768 } },
): Promise<Page> {
  const opened = await chromium.launch({ executablePath: browser.path, args });
  onTestFinished(() => opened.close());
  const page = await (await opened.newContext(options)).newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  return page;
}

/** Follows a one-time link and takes a name, as a newcomer has to before changing anything. */
export async function signInBy(page: Page, link: string, name = "robin"): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Choose" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel(/Password/).fill(password);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(name).waitFor();
}

/**
 * Goes to a page of the application, by what stands after "#/", and waits until it is that page which is shown: the
 * address changes first, and for a moment what is read is still the page before.
 */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/#/${path}`);
  const shown = (path.split("?")[0] ?? "").split("/").map(decodeURIComponent).join("/");
  await page.locator(`main[data-page=${JSON.stringify(shown)}]`).waitFor();
}
