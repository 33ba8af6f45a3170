import { describe, expect, test } from "vitest";
import { choice, duration, integer, text } from "./setting-kinds.ts";
import {
  changes,
  completed,
  list,
  listOrTable,
  map,
  object,
  optional,
  partial,
  settings,
} from "./setting-tables.ts";
import { variants } from "./setting-variants.ts";
import { Place, readDraft, readSettingsText, type Setting } from "./settings.ts";
import { settingsSchema } from "./settings-schema.ts";
import { parseYaml } from "./yaml-source.ts";

const tag = object(
  {
    read: text({ doc: "Where it is.", like: '"holding:11"' }),
    every: duration({ default: "1s", min: "10ms", max: "1d", doc: "Poll period." }),
    limits: object(
      {
        high: optional(integer({ doc: "Unsafe above." })),
        delay: duration({ default: "0", min: 0, max: "1h", doc: "How long." }),
      },
      { doc: "Bounds." },
    ),
    delta: optional(
      object(
        {
          max: integer({ min: 0, doc: "Alert above." }),
          window: duration({ default: "30s", min: "1s", max: "1h", doc: "Length." }),
        },
        { doc: "A rule." },
      ),
    ),
  },
  { doc: "A tag." },
);
const connection = variants(
  {
    line: object(
      {
        poll: optional(text({ doc: "Sent to have a line printed." })),
        timeout: duration({ default: "1s", min: "10ms", max: "1m", doc: "Longest wait." }),
      },
      { doc: "A line." },
    ),
    broker: object({ url: text({ doc: "Where it is." }) }, { doc: "A broker." }),
  },
  { doc: "A connection.", key: "type", keyDoc: "Protocol." },
);
const table = settings({
  connections: map(connection, { doc: "By id." }),
  devices: list(
    object(
      { id: text({ doc: "Its id.", takesNumbers: true }), tags: map(tag, { doc: "By name." }) },
      { doc: "A device." },
    ),
    { doc: "Devices.", unique: "id" },
  ),
});

function draftOf<Draft>(yaml: string, setting: Setting<unknown, Draft>, options = {}) {
  const source = parseYaml("x.yaml", yaml);
  if (!source.ok) throw new Error("must parse");
  const { draft, problems } = readDraft(source, setting, options);
  return { draft, told: problems.map((p) => `${p.line}:${p.column} ${p.path} ${p.text}`) };
}

test("two of one name are told with both places", () => {
  expect(draftOf("devices:\n  - {id: A}\n  - {id: B}\n  - {id: A}\n", table).told).toEqual([
    '4:10 devices[2].id "A" is used twice, first in line 2; rename one',
  ]);
});

test("reading goes on past faults: what is wrong has its default, or is not there", () => {
  const { draft, told } = draftOf(
    "devices:\n  - id: A\n    tags: {T: {every: soon, limits: {high: x, delay: 5}}, U: 3}\n",
    table,
  );
  expect(told).toHaveLength(5);
  expect(draft.devices[0]?.tags).toEqual({
    T: {
      read: undefined,
      every: 1_000,
      limits: { high: undefined, delay: 0 },
      delta: undefined,
    },
    U: { read: undefined, every: 1_000, limits: { high: undefined, delay: 0 }, delta: undefined },
  });
});

describe("a table that depends on one of its keys", () => {
  const told = (yaml: string) => draftOf(yaml, map(connection, { doc: "By id." })).told;

  test("has the keys and defaults of its kind", () => {
    const { draft } = draftOf("{a: {type: line}, b: {type: broker, url: u}}", table, { path: [] });
    expect(draft.connections).toEqual({});
    expect(readSettingsText("connections: {a: {type: line}}", table)).toMatchObject({
      ok: true,
      value: { connections: { a: { type: "line", timeout: 1_000, poll: undefined } } },
    });
  });

  test("tells a key of another kind from one that nobody knows", () => {
    expect(told("a: {type: line, url: u, pol: x}")).toEqual([
      "1:17 a.url means nothing with type line, only with broker; leave it out",
      "1:25 a.pol unknown; did you mean poll?",
    ]);
  });

  test("tells the faults of its other keys where the one that chooses is wrong", () => {
    expect(told("a: {type: lin, timeout: 5}\nb: {pol: x}")).toEqual([
      '1:11 a.type "lin" is unknown; did you mean line? It is one of line, broker (Protocol.)',
      "1:25 a.timeout 5 has no unit; write 5s, 5m or 5ms (Longest wait.)",
      "2:4 b.type is missing; give one of line, broker (Protocol.)",
      "2:5 b.pol unknown; did you mean poll?",
    ]);
  });

  test("is a schema that completes the keys of its kind only", () => {
    const { required, allOf } = JSON.parse(settingsSchema("X", connection));
    expect(required).toEqual(["type"]);
    const [line, broker] = allOf.map((one: Record<string, unknown>) => Object.values(one));
    expect(line).toMatchObject([
      { properties: { type: { const: "line" } } },
      { additionalProperties: false, properties: { timeout: { default: "1s" } } },
    ]);
    expect(broker[1].required).toEqual(["type", "url"]);
  });
});

test("a partial table has what is given; completed, its defaults", () => {
  const { draft, told } = draftOf("{limits: {high: 3}, every: soon}", partial(tag));
  expect(draft).toEqual({ limits: { high: 3, delay: 0 } });
  expect(told).toHaveLength(1);
  const source = parseYaml("x.yaml", "a: 1");
  if (!source.ok) throw new Error("must parse");
  const at = Place.of(source, [], { problems: [] });
  expect(completed(tag, { ...draft, every: 5 }, at)).toEqual({
    read: undefined,
    every: 5,
    limits: { high: 3, delay: 0 },
    delta: undefined,
  });
});

test("needed keys of a partial table are missed", () => {
  expect(draftOf("{every: 1s}", partial(tag, ["read"])).told).toEqual([
    '1:1 read is missing; give a text like "holding:11" (Where it is.)',
  ]);
});

test("a document of changes misses nothing at any depth but the names of tables", () => {
  const loose = changes(table);
  expect(
    draftOf(
      "{connections: {a: {timeout: 2s}}, devices: [{tags: {T: {delta: {window: 1m}}}}]}",
      loose,
    ).told,
  ).toEqual(["1:45 devices[0].id is missing; give a text (Its id.)"]);
  expect(draftOf("devices: [{id: A, tags: {T: {delta: {window: 1m}}}}]", loose)).toEqual({
    draft: { devices: [{ id: "A", tags: { T: { delta: { window: 60_000 } } } }] },
    told: [],
  });
  const compact = (setting: Setting<unknown, unknown>) =>
    JSON.stringify(JSON.parse(settingsSchema("X", setting)));
  expect(compact(table)).toContain('"required":["type","url"]');
  expect(compact(loose)).not.toContain('"required":["type","url"]');
  expect(compact(loose)).toContain('"required":["id"]');
});

test("a key without a value is absent, or a fault where that is dangerous", () => {
  const yaml = "devices: [{id: A, tags: {T: {read: x, limits: {high: }}}}]";
  expect(draftOf(yaml, table).told).toEqual([]);
  expect(draftOf(yaml, table, { isNothingRefused: true }).told).toEqual([
    "1:54 devices[0].tags.T.limits.high has no value; give a whole number, or leave the key out (Unsafe above.)",
  ]);
});

test("numbers are texts where ids often are numbers", () => {
  expect(draftOf("devices: [{id: 12}]", table).draft.devices[0]?.id).toBe("12");
});

test("a list or a table, whichever stands there", () => {
  const either = listOrTable(
    {
      list: list(integer({ doc: "A number." }), { doc: "Numbers." }),
      table: object({ file: text({ doc: "A file." }) }, { doc: "Elsewhere." }),
    },
    { doc: "Either." },
  );
  const row = settings({ rules: either, level: choice(["a"], { default: "a", doc: "Level." }) });
  expect(draftOf("rules: [1, 2]", row).draft.rules).toEqual([1, 2]);
  expect(draftOf("rules: {file: x}", row).draft.rules).toEqual({ file: "x" });
  expect(draftOf("rules: 3", row).told[0]).toMatch(/3 is not a list/);
});

test("a bound on one side only is told as one", () => {
  const low = settings({ n: integer({ min: 2, doc: "N." }) });
  const high = settings({ n: integer({ max: 9, doc: "N." }) });
  expect(draftOf("n: 1", low).told).toEqual(["1:4 n 1 is below 2; give 2 or more (N.)"]);
  expect(draftOf("n: 10", high).told).toEqual(["1:4 n 10 is above 9; give 9 or less (N.)"]);
  expect(draftOf("n: x", low).told[0]).toContain("give a whole number of at least 2");
});
