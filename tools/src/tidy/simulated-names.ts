/** Names of the simulated plants: where one stands in the product, the product knows its own demonstration. */
import { simulatedIds } from "@weir/firmware-sim/plants/simulated-ids.ts";
import { type Finding, isTest, type SourceFile } from "./tree.ts";

/** What is delivered: code, the data it reads, and the messages between its tiers. */
const productFolders = [
  "edge/src/",
  "fog/src/",
  "fog/dashboard/src/",
  "cloud/src/",
  "cloud/console/src/",
  "shared/contracts/src/",
  "shared/contracts/proto/",
  "shared/detectors/src/",
  "shared/plants/src/",
  "shared/plants/packs/",
  "shared/runtime/src/",
  "shared/ui/src/",
];
/** Test data, and what is made from something that is checked itself. */
const notWritten = /\/(cases|fixtures|generated)\//;

/** Scenarios that are called by a word of the product, not the product by theirs. */
const wordsOfTheProduct: ReadonlySet<string> = new Set(["trip-failed"]);

/** A word of everyday language is no name, even where a scenario is called so: "storm". */
const isTelling = (name: string): boolean => /[0-9_-]/.test(name) && !wordsOfTheProduct.has(name);

export function simulatedNames(): string[] {
  const { sites, edges, gateways, stages, devices, actuators, rules, scenarios } = simulatedIds();
  const others = [edges, gateways, stages, devices, actuators, rules, scenarios].flat();
  return [...new Set([...sites, ...others.filter(isTelling)])];
}

/** Findings of `names` as whole words, in code, comments and data. */
export function namesFound(files: readonly SourceFile[], names: readonly string[]): Finding[] {
  const alternatives = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![A-Za-z0-9_])(${alternatives.join("|")})(?![A-Za-z0-9_])`, "g");
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
