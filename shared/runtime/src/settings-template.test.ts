import { expect, test } from "vitest";
import { duration, integer, text } from "./setting-kinds.ts";
import { list, map, object, optional, settings } from "./setting-tables.ts";
import { readSettingsText, type Setting } from "./settings.ts";
import { settingsTemplate } from "./settings-template.ts";

const table = settings({
  site: text({ doc: "Which site." }),
  door: object(
    {
      host: text({ default: "127.0.0.1", doc: "Where it listens." }),
      port: integer({ default: 8_443, min: 0, max: 65_535, doc: "Its port." }),
      names: list(text({ doc: "A name." }), { doc: "Names of it." }),
    },
    { doc: "The door." },
  ),
  cloud: optional(
    object(
      {
        identity: text({ doc: "A folder." }),
        wait: duration({ default: "5s", min: 0, max: "1h", doc: "How long." }),
      },
      { doc: "Leave it out for none." },
    ),
  ),
  hooks: list(
    object(
      { url: text({ doc: "Where to." }), name: optional(text({ doc: "What it is called." })) },
      { doc: "A hook." },
    ),
    { doc: "Hooks." },
  ),
  kinds: map(text({ doc: "A kind." }), { doc: "Kinds by id." }),
});

const given = {
  site: "a-site",
  door: { port: 1 },
  hooks: [{ url: "x:1" }, { url: "y", name: "no" }],
};
const samples = { cloud: { identity: "here" }, hooks: [{ name: "sample" }] };

test("what is given is what is read; every other setting is a comment", () => {
  const read = readSettingsText(
    settingsTemplate(table, { head: ["first"], given, samples }),
    table,
  );
  expect(read).toMatchObject({
    ok: true,
    value: {
      site: "a-site",
      door: { host: "127.0.0.1", port: 1, names: [] },
      cloud: undefined,
      hooks: [{ url: "x:1" }, { url: "y", name: "no" }],
      kinds: {},
    },
  });
});

/** Comment signs in front of settings away; those of sentences, which a blank follows, stay. */
const uncommented = (yaml: string): string =>
  yaml.replaceAll(/^(\s*)#+(?=\s*[\w"-]+:|\s*-$|\s{2,}#)/gm, "$1");

test("each setting stands there with its sentence, and is taken when its comment sign goes", () => {
  const yaml = settingsTemplate(table, { head: [], given, samples });
  const whole = uncommented(uncommented(yaml));
  const sentences = (rows: Setting<unknown>): string[] =>
    Object.entries(rows.children ?? {}).flatMap(([key, row]) => [
      row.doc,
      `${key}:`,
      ...sentences(row),
    ]);
  for (const one of sentences(table)) expect(yaml).toContain(one);
  expect(readSettingsText(whole, table)).toMatchObject({
    ok: true,
    value: {
      door: { host: "127.0.0.1", port: 1, names: [] },
      cloud: { identity: "here", wait: 5_000 },
      hooks: [
        { url: "x:1", name: "sample" },
        { url: "y", name: "no" },
      ],
    },
  });
});
