/** Names of the simulated plants: where one stands in the product, the product knows its own demonstration. */
import { simulatedIds } from "@weir/firmware-sim/plants/simulated-ids.ts";
import { type Finding, isTest, type SourceFile } from "./tree.ts";

/** What is delivered: code, the data it reads, the messages between its tiers, and what people copy from. */
const productFolders = [
  "edge/src/",
  "edge/examples/",
  "edge/profiles/",
  "fog/src/",
  "fog/examples/",
  "fog/dashboard/src/",
  "cloud/src/",
  "cloud/examples/",
  "cloud/console/src/",
  "shared/contracts/src/",
  "shared/contracts/proto/",
  "shared/detectors/src/",
  "shared/plants/src/",
  "shared/plants/packs/",
  "shared/runtime/src/",
  "shared/ui/src/",
  "docs/edge/",
  "docs/site/",
  "docs/fog/",
  "docs/cloud/",
];
/** Test data, and what is made from something that is checked itself. */
const notWritten = /\/(cases|fixtures|generated)\//;

/** Scenarios that are called by a word of the product, not the product by theirs. */
const wordsOfTheProduct: ReadonlySet<string> = new Set(["trip-failed"]);

/** A word of everyday language is no name, even where a scenario is called so: "storm". */
const isTelling = (name: string): boolean => /[0-9_-]/.test(name) && !wordsOfTheProduct.has(name);

export function simulatedNames(): string[] {
  const { plants, sites, edges, gateways, stages, devices, actuators, rules, scenarios } =
    simulatedIds();
  const others = [edges, gateways, stages, devices, actuators, rules, scenarios].flat();
  return [...new Set([...plants, ...sites, ...others.filter(isTelling)])];
}

/** Findings of `names` as whole words, in code, comments and data; "D01-068" is a number of something else. */
export function namesFound(files: readonly SourceFile[], names: readonly string[]): Finding[] {
  const alternatives = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(
    `(?<![A-Za-z0-9_])(${alternatives.join("|")})(?![A-Za-z0-9_]|-\\d)`,
    "g",
  );
  return files
    .filter(
      ({ path }) =>
        productFolders.some((folder) => path.startsWith(folder)) &&
        !isTest(path) &&
        !notWritten.test(path),
    )
    .flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, index) =>
        [...line.matchAll(pattern)].map(([name]) => ({
          path,
          line: index + 1,
          rule: "simulated name",
          text: `${name} belongs to a simulated plant; name none, or a neutral one like TANK1`,
        })),
      ),
    );
}
