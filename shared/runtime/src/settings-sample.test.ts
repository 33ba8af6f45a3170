import { expect, test } from "vitest";
import { choice, duration, flag, integer, path, text } from "./setting-kinds.ts";
import { defaultsOf, list, map, object, optional, readSettingsText, settings } from "./settings.ts";
import { sampleSettings } from "./settings-sample.ts";

const table = settings({
  level: choice(["debug", "info"], { default: "info", doc: "How much is logged." }),
  folder: path({ default: "/var/lib/weir", doc: "Where files go." }),
  note: optional(text({ doc: "Anything." })),
  uplink: object(
    {
      batchCount: integer({ default: 128, min: 1, max: 512, doc: "Readings per packet." }),
      flush: duration({ default: "1s", min: "50ms", max: "1m", doc: "Longest wait." }),
      active: flag({ default: true, doc: "Whether it runs." }),
    },
    { doc: "The way up." },
  ),
  tags: list(object({ id: text({ doc: "Tag." }) }, { doc: "One." }), { doc: "What is read." }),
  limits: map(integer({ min: 0, max: 9, doc: "A limit." }), { doc: "Limits by tag." }),
});

test("the sample says what the table says", () => {
  expect(sampleSettings(table)).toMatchInlineSnapshot(`
    "# How much is logged. One of debug, info.
    level: info
    # Where files go. The path of a file or folder.
    folder: /var/lib/weir
    # Anything. A text.
    # note:
    # The way up.
    uplink:
      # Readings per packet. A whole number from 1 to 512.
      batchCount: 128
      # Longest wait. A duration from 50ms to 1m.
      flush: 1s
      # Whether it runs. True or false.
      active: true
    # What is read.
    tags: []
    #   -
    #     # Tag. A text.
    #     # id: (must be given)
    # Limits by tag.
    limits: {}
    "
  `);
});

test("the sample reads as the defaults", () => {
  expect(readSettingsText(sampleSettings(table), table)).toEqual(defaultsOf(table));
  expect(defaultsOf(table)).toMatchObject({ ok: true });
});

test("what must be given is shown as missing", () => {
  const strict = settings({ name: text({ doc: "Name." }) });
  expect(sampleSettings(strict)).toBe("# Name. A text.\n# name: (must be given)\n");
});
