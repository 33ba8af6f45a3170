import { describe, expect, test } from "vitest";
import { linkRule } from "./links.ts";
import {
  adapterRule,
  bannedRule,
  citedPageRule,
  cycleRule,
  ladderRule,
  rules,
  shapeRule,
  simulatedNameRule,
} from "./rules.ts";
import { readTree, type SourceFile } from "./tree.ts";

const file = (path: string, text: string): SourceFile => ({ path, text });

describe("each rule catches what it is for", () => {
  test("a tier that imports another tier", () => {
    const found = ladderRule([file("edge/src/a.ts", 'import { x } from "@weir/fog/b.ts";\n')]);
    expect(found).toMatchObject([
      { path: "edge/src/a.ts", line: 1, text: "edge may not import fog" },
    ]);
    expect(
      ladderRule([file("edge/src/a.ts", 'import { x } from "../../fog/src/b.ts";')]),
    ).toHaveLength(1);
    expect(
      ladderRule([file("edge/src/a.ts", 'import { x } from "@weir/runtime/clock.ts";')]),
    ).toEqual([]);
  });

  test("files that import each other", () => {
    const found = cycleRule([
      file("edge/src/a.ts", 'import { b } from "./b.ts";'),
      file("edge/src/b.ts", 'import { a } from "./a.ts";'),
    ]);
    expect(found).toHaveLength(1);
    expect(
      cycleRule([
        file("edge/src/a.ts", 'import { b } from "./b.ts";'),
        file("edge/src/b.ts", 'import type { a } from "./a.ts";'),
      ]),
    ).toEqual([]);
  });

  test("ambient clock and chance, but not in a comment", () => {
    expect(
      bannedRule([file("fog/src/a.ts", "const t = Date.now();\nconst r = Math.random();")]),
    ).toHaveLength(2);
    expect(
      bannedRule([file("fog/src/a.ts", "// Date.now() would drift\nclock.setTimeout(1);")]),
    ).toEqual([]);
  });

  test("a library outside its adapter", () => {
    expect(
      adapterRule([file("fog/src/ingest/a.ts", 'import { Aedes } from "aedes";')]),
    ).toHaveLength(1);
    expect(
      adapterRule([file("fog/src/broker/aedes-broker.ts", 'import { Aedes } from "aedes";')]),
    ).toEqual([]);
  });

  test("a dead link, in brackets or backquotes", () => {
    expect(
      linkRule([
        file("README.md", "[a](docs/none.md) and `edge/src/none.ts` and [w](https://x.y)"),
      ]),
    ).toHaveLength(2);
    expect(linkRule([file("README.md", "[a](docs/b.md)"), file("docs/b.md", "")])).toEqual([]);
  });

  test("a dead anchor, and a folder that is not there", () => {
    const target = file("docs/b.md", "# B\n\n## fog.yaml, and more\n\n```sh\n# no heading\n```\n");
    const links = (text: string) => linkRule([file("README.md", text), target]);
    expect(links("[a](docs/b.md#fogyaml-and-more) `docs/` [b](docs/)")).toEqual([]);
    expect(links("[a](docs/b.md#no-heading) [b](#nowhere) `docs/none/`")).toHaveLength(3);
  });

  test("a page that is not in the repository, and a section by number", () => {
    const found = citedPageRule([
      file("docs/edge/safety.md", ""),
      file("edge/src/a.ts", "// x\n/** plant.md says so; safety.md §2 */\n"),
      file("edge/src/a.test.ts", "// safety.md 2: why"),
      file("edge/src/b.ts", '// docs/edge/safety.md, "../../docs/edge/safety.md" and safety.md'),
    ]);
    expect(
      found.map(({ path, line, text }) => `${path}:${line} ${text.split(" cannot")[0]}`),
    ).toEqual([
      "edge/src/a.ts:2 plant.md",
      "edge/src/a.ts:2 safety.md §",
      "edge/src/a.test.ts:1 safety.md 2",
    ]);
  });

  test("a name of a simulated plant, whole, in code, comments and data", () => {
    const texts = [
      file("fog/src/a.ts", 'const first = ["W13"]; // as at riverside\n'),
      file("shared/plants/packs/water/kinds.yaml", "# edge-d/D11\n"),
      file("edge/examples/a.yaml", "# as water-works\n"),
      file("docs/edge/a.md", "stage W13"),
    ];
    expect(simulatedNameRule(texts)).toHaveLength(6);
    const others = [
      file("fog/src/b.test.ts", '"W13"'),
      file("fog/src/c.ts", "#D11F22 W131 edge-device XW13 D01-068en"),
      file("firmware-sim/src/a.ts", '"W13"'),
    ];
    expect(simulatedNameRule(others)).toEqual([]);
  });

  test("a drawer, and a file that is too long", () => {
    expect(
      shapeRule([file("fog/src/utils.ts", ""), file("fog/src/a.ts", "\n".repeat(500))]),
    ).toHaveLength(2);
  });
});

test("this repository is tidy", () => {
  const files = readTree(new URL("../../..", import.meta.url).pathname);
  const findings = Object.values(rules).flatMap((rule) => rule(files));
  expect(findings.map(({ path, line, rule, text }) => `${path}:${line} ${rule}: ${text}`)).toEqual(
    [],
  );
});
