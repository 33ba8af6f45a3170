import { expect, test } from "vitest";
import { choice, duration, integer, text } from "./setting-kinds.ts";
import { list, map, object, optional, settings } from "./setting-tables.ts";
import { variants } from "./setting-variants.ts";
import { settingsReference } from "./settings-reference.ts";

const limits = object({ high: optional(integer({ doc: "Unsafe above." })) }, { doc: "Bounds." });

test("every key of every table has its value, default and sentence, once", () => {
  const page = settingsReference({
    title: "Settings",
    about: "All of them.",
    files: [
      {
        title: "x.yaml",
        table: settings({
          site: text({ doc: "Which site.", like: '"north|south"' }),
          wait: duration({ default: "5s", min: 0, max: "1h", doc: "How long." }),
          one: limits,
          other: limits,
          parts: list(object({ n: integer({ min: 1, max: 1, doc: "N." }) }, { doc: "A part." }), {
            doc: "Parts.",
          }),
          wires: map(
            variants(
              {
                line: object({ end: text({ default: "\n", doc: "Its end." }) }, { doc: "Lines." }),
              },
              { doc: "A wire.", key: "type", keyDoc: "Kind." },
            ),
            { doc: "Wires by id." },
          ),
          level: optional(choice(["a", "b"], { default: "a", doc: "Level." })),
        }),
      },
    ],
  });
  expect(page).toBe(`# Settings

All of them.

## x.yaml

| key | value | default | |
|---|---|---|---|
| \`site\` | a text like "north\\|south" | needed | Which site. |
| \`wait\` | a duration from 0s to 1h | \`5s\` | How long. |
| \`one\` | a table, below |  | Bounds. |
| \`other\` | a table, below |  | Bounds. |
| \`parts\` | a list, below |  | Parts. |
| \`wires\` | a table of names, below |  | Wires by id. |
| \`level\` | one of a, b | \`a\` | Level. |

### \`one\`

Bounds.

| key | value | default | |
|---|---|---|---|
| \`high\` | a whole number |  | Unsafe above. |

### \`parts[]\`

Parts.

| key | value | default | |
|---|---|---|---|
| \`n\` | a whole number that is 1 | needed | N. |

### \`wires.NAME\`, type: line

Lines.

| key | value | default | |
|---|---|---|---|
| \`end\` | a text | \`"\\n"\` | Its end. |
`);
});
