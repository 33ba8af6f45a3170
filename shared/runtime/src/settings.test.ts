import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatProblems } from "./problem.ts";
import { choice, duration, flag, integer, number, path, port, text } from "./setting-kinds.ts";
import { list, map, object, optional, settings } from "./setting-tables.ts";
import {
  defaultsOf,
  readSettings,
  readSettingsFile,
  readSettingsText,
  type SettingsOf,
} from "./settings.ts";
import { parseYaml } from "./yaml-source.ts";

const uplink = object(
  {
    batchCount: integer({ default: 128, min: 1, max: 512, doc: "Readings per packet." }),
    flush: duration({ default: "1s", min: "50ms", max: "1m", doc: "Longest wait for company." }),
    retryMax: duration({ default: 60_000, min: "1s", max: "10m", doc: "Ceiling of the back-off." }),
  },
  {
    doc: "The way up.",
    rules: [["flush must not exceed retryMax", (s) => s.flush <= s.retryMax, "flush"]],
  },
);
const table = settings({
  name: text({ doc: "Name of the site.", pattern: /^[a-z-]+$/, like: "north-plant" }),
  port: port({ default: 1883, doc: "Where it listens." }),
  ratio: number({ default: 0.5, min: 0, max: 1, doc: "Share kept." }),
  level: choice(["debug", "info"], { default: "info", doc: "How much is logged." }),
  active: flag({ default: true, doc: "Whether it runs." }),
  folder: path({ default: "data", doc: "Where files go." }),
  note: optional(text({ doc: "Anything." })),
  uplink,
  tags: list(
    object(
      {
        id: text({ doc: "Tag." }),
        every: duration({ default: "1s", min: 1, max: "1h", doc: "Rate." }),
      },
      { doc: "A tag." },
    ),
    { doc: "What is read.", max: 3 },
  ),
  limits: map(number({ min: 0, max: 10, doc: "A limit." }), { doc: "Limits by tag." }),
});
type Table = SettingsOf<typeof table>;

const complaints = (yaml: string): string[] => {
  const result = readSettingsText(yaml, table, "/etc/weir/x.yaml");
  return result.ok ? [] : result.problems.map((p) => `${p.line}:${p.column} ${p.path} ${p.text}`);
};

test("defaults, units and paths are filled in", () => {
  const result = readSettingsText(
    "name: north\ntags:\n  - id: a\n    every: 1h\n",
    table,
    "/etc/weir/x.yaml",
  );
  const value: Table = {
    name: "north",
    port: 1883,
    ratio: 0.5,
    level: "info",
    active: true,
    folder: "/etc/weir/data",
    note: undefined,
    uplink: { batchCount: 128, flush: 1_000, retryMax: 60_000 },
    tags: [{ id: "a", every: 3_600_000 }],
    limits: {},
  };
  expect(result).toEqual({ ok: true, value });
});

describe("each fault is one sentence with place, value, bound and remedy", () => {
  test.each([
    [
      "name: a\nport: 70000\n",
      "2:7 port 70000 is above 65535; give 0 to 65535 (Where it listens.)",
    ],
    [
      "name: a\nport: x\n",
      '2:7 port "x" is not a whole number; give a whole number from 0 to 65535 (Where it listens.)',
    ],
    [
      "name: a\nratio: .inf\n",
      "2:8 ratio Infinity is not a number; give a number from 0 to 1 (Share kept.)",
    ],
    ["name: 12\n", '1:7 name 12 is not a text here; write "12" in quotes (Name of the site.)'],
    [
      "name: A B\n",
      '1:7 name "A B" is not in the right form; give north-plant (Name of the site.)',
    ],
    ["port: 1\n", "1:1 name is missing; give a text like north-plant (Name of the site.)"],
    [
      "name: a\nlevel: inof\n",
      '2:8 level "inof" is unknown; did you mean info? It is one of debug, info (How much is logged.)',
    ],
    [
      "name: a\nactive: yes\n",
      '2:9 active "yes" is not true or false; give true or false, without quotes (Whether it runs.)',
    ],
    [
      "name: a\nuplink: {flush: 5}\n",
      "2:17 uplink.flush 5 has no unit; write 5s, 5m or 5ms (Longest wait for company.)",
    ],
    [
      "name: a\nuplink: {flush: 2m}\n",
      "2:17 uplink.flush 2m is above 1m; give 50ms to 1m (Longest wait for company.)",
    ],
    [
      "name: a\nuplink: {flush: soon}\n",
      '2:17 uplink.flush "soon" is not a duration such as "500ms", "3s", "5m", "8h" or "2d"; give a duration from 50ms to 1m (Longest wait for company.)',
    ],
    [
      "name: a\nuplink: {flush: 5s, retryMax: 2s}\n",
      "2:17 uplink.flush flush must not exceed retryMax",
    ],
    ["name: a\nuplnk: {}\n", "2:1 uplnk unknown; did you mean uplink?"],
    [
      "name: a\nuplink: {zzz: 1}\n",
      "2:10 uplink.zzz unknown; known here: batchCount, flush, retryMax",
    ],
    [
      "name: a\nuplink: 3\n",
      "2:9 uplink 3 stands where a table is expected; give batchCount, flush, retryMax",
    ],
    ["name: a\ntags:\n  - id: a\n  - evry: 1s\n", "4:5 tags[1].id is missing; give a text (Tag.)"],
    ["name: a\ntags: 4\n", '2:7 tags 4 is not a list; start each entry with "- " (What is read.)'],
    [
      "name: a\ntags: [{id: a},{id: b},{id: c},{id: d}]\n",
      "2:7 tags has 4 entries, more than 3 (What is read.)",
    ],
    ["name: a\nlimits: {a: 11}\n", "2:13 limits.a 11 is above 10; give 0 to 10 (A limit.)"],
    [
      "name: a\nlimits: {'a b': 1}\n",
      '2:10 limits.a b "a b" is no name here; it must match ^[A-Za-z0-9][\\w.-]*$',
    ],
    ["name: a\nname: b\n", '2:1  "name" is given twice in this table; remove or rename one'],
  ])("%j", (yaml, sentence) => {
    expect(complaints(yaml)).toContain(sentence);
  });

  test("all at once, in the order of the file", () => {
    const result = readSettingsText(
      "port: -1\nnam: b\nuplink:\n  batchCount: 900\n",
      table,
      "x.yaml",
    );
    expect(!result.ok && formatProblems(result.problems)).toBe(
      [
        "x.yaml: 4 problems",
        "  x.yaml:1:1   name  is missing; give a text like north-plant (Name of the site.)",
        "  x.yaml:1:7   port  -1 is below 0; give 0 to 65535 (Where it listens.)",
        "  x.yaml:2:1   nam  unknown; did you mean name?",
        "  x.yaml:4:15  uplink.batchCount  900 is above 512; give 1 to 512 (Readings per packet.)",
      ].join("\n"),
    );
  });

  test("keys of Object's own are unknown like any other", () => {
    expect(complaints("name: a\n__proto__: 1\n").join()).toMatch(/__proto__ unknown/);
    expect(complaints("name: a\nconstructor: 1\n").join()).toMatch(/constructor unknown/);
  });

  test("a flood of faults is cut", () => {
    const yaml = `name: a\nlimits:\n${Array.from({ length: 300 }, (_, i) => `  k${i}: 99\n`).join("")}`;
    expect(complaints(yaml)).toHaveLength(100);
  });
});

test("a part of a free-form document is read by its path", () => {
  const source = parseYaml("a.yaml", "site: x\nuplink:\n  batchCount: 0\n");
  if (!source.ok) throw new Error("must parse");
  expect(readSettings(source, uplink, ["uplink"])).toMatchObject({
    ok: false,
    problems: [{ line: 3, column: 15, path: "uplink.batchCount" }],
  });
});

test("a file or folder that must be there", () => {
  const table = settings({ folder: path({ doc: "Folder.", must: "folder" }) });
  expect(readSettingsText("folder: /tmp", table)).toEqual({ ok: true, value: { folder: "/tmp" } });
  const missing = readSettingsText("folder: nowhere", table, "/etc/x.yaml");
  expect(!missing.ok && missing.problems[0]?.text).toBe(
    "/etc/nowhere does not exist; give the path of a folder (Folder.)",
  );
});

test("defaults alone, and a file that is not there", () => {
  expect(defaultsOf(uplink)).toMatchObject({ ok: true, value: { batchCount: 128 } });
  expect(readSettingsFile("/nowhere.yaml", table)).toMatchObject({ ok: false });
});

test("any integer is either within its bounds or refused", () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const result = readSettingsText(`batchCount: ${value}`, uplink);
      expect(result.ok).toBe(value >= 1 && value <= 512);
    }),
  );
});
