/** Runs suites on a rig and keeps what they say. */
import { join } from "node:path";
import type { Suite, SuiteContext, SuiteOptions, SuiteResult } from "../suites/suite.ts";
import { suites } from "../suites/suites.ts";
import { loadVariant } from "./edge-variant.ts";
import type { Rig } from "./rig.ts";
import { openRig } from "./rig-host.ts";

export interface RunSuitesOptions extends SuiteOptions {
  /** Ids; empty: all. */
  only: readonly string[];
  folder: string;
  ask: SuiteContext["ask"];
  say: (line: string) => void;
}

export async function runSuites(rig: Rig, options: RunSuitesOptions): Promise<SuiteResult[]> {
  const { folder, say, ask } = options;
  const host = await openRig(rig, folder);
  try {
    // Rules of the site are not for a bench: they would switch what the rig does not name.
    const document = { ...host.document, uplink: undefined, safety: [] };
    const configuration = loadVariant(document, join(folder, "rig-edge.yaml"));
    const expect = (tag: string) => rig.expect[tag] as [number, number] | undefined;
    const context: SuiteContext = {
      rig,
      host,
      configuration,
      expect,
      folder,
      options,
      ask,
      say,
    };
    const chosen = suites.filter(
      ({ id }) => options.only.length === 0 || options.only.includes(id),
    );
    const results: SuiteResult[] = [];
    for (const suite of chosen) {
      say(`${suite.title} …`);
      const result = await runOne(suite, context);
      results.push(result);
      say(
        `${suite.title}: ${result.verdict}${result.verdict === "skipped" ? `, ${result.about}` : ""}`,
      );
      for (const row of result.rows) {
        if (!row.ok) say(`  ${row.what}: ${row.measured}, asked ${row.asked}`);
      }
    }
    return results;
  } finally {
    await host.close();
  }
}

async function runOne(suite: Suite, context: SuiteContext): Promise<SuiteResult> {
  const { id, title, about } = suite;
  const why = suite.unfit(context);
  const nothing = { rows: [], distributions: [] };
  if (why !== undefined) return { id, title, verdict: "skipped", about: why, ...nothing };
  try {
    const said = await suite.run(context);
    const verdict = said.rows.every(({ ok }) => ok) ? "passed" : "failed";
    return { id, title, verdict, about, ...said };
  } catch (error) {
    // A rig that does not answer is a result, not an accident.
    const measured = error instanceof Error ? error.message : String(error);
    const row = { what: "The suite could not be finished", measured, asked: "", ok: false };
    return { id, title, verdict: "failed", about, rows: [row], distributions: [] };
  }
}
