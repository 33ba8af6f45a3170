/** The part of the configuration's document that describes outputs and safety rules. */
import { dayMs, hourMs, secondMs } from "./document-words.ts";
import {
  choice,
  duration,
  flag,
  id,
  integer,
  level,
  list,
  listOrTable,
  mapOf,
  number,
  table,
  text,
} from "./field.ts";

const blindPolicies = ["trip", "alarm", "hold"] as const;

export const outputDocument = table(
  "One thing the agent can switch.",
  {
    write: text('"coil plc/11:0" or "holding plc/11:5": table, connection, unit, register.'),
    safe: level("What the I/O module falls back to by itself."),
    readBack: flag("Read the written coil or register again; true by default."),
    feedback: table(
      "Proof that the machine followed.",
      {
        read: text('"discrete plc/11:0".'),
        within: duration("Longest time until it shows.", { minMs: 10, maxMs: hourMs }),
        inverted: flag("The feedback is off when the output is on."),
      },
      ["read", "within"],
    ),
    secondary: id("Output that is set to its safe state when this one does not follow."),
  },
  ["write", "safe"],
);

export const ruleDocument = table(
  "A cause and its effects.",
  {
    id: id("Unique on this edge."),
    group: id("Trips of one group share a first-out; the rule's id by default."),
    when: table("The cause. `above: hardHigh` takes the tag's limit.", {
      tag: text('"TANK1/PT01"; "PT01" where only one device has it.'),
      vote: text(
        "How many of how many tags must be beyond the limit, as 2oo3.",
        /^[1-9]oo[1-9]$/,
        "a vote as 1oo1, 1oo2, 2oo2 or 2oo3",
      ),
      tags: list("The tags of a vote, instead of `tag`.", text("A tag.")),
      onBadChannel: choice(
        "A channel that cannot be measured votes for the trip (2oo3 becomes 1oo2), or is left out (2oo3 becomes 2oo2). With more of them lost a vote trips.",
        ["trip", "keep"],
      ),
      deviation: number(
        "A channel that differs from the others by more than this share of its range is told; 0.05 by default.",
        { min: 0.001, max: 1 },
      ),
      above: { is: "level", doc: "Trip above this: a number, or hardHigh." },
      below: { is: "level", doc: "Trip below this: a number, or hardLow." },
      for: duration("How long without a break.", { minMs: 0, maxMs: hourMs }),
      samples: integer("How many readings in a row at least.", { min: 1, max: 100 }),
      deadband: number("How far back the value must be before a reset.", { min: 0 }),
      quality: choice("Worst quality that counts as a measurement.", ["good", "uncertain"]),
    }),
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: list(
      "The effects.",
      table(
        "Sets one output.",
        {
          set: id("One of `outputs`."),
          to: level("on, off, or a register's value."),
          afterReset: level("Set after an accepted reset; left alone by default."),
          over: duration("A boost goes there in steps over this time; at once by default.", {
            minMs: secondMs,
            maxMs: hourMs,
          }),
        },
        ["set", "to"],
      ),
    ),
    action: choice("stop and boost write `then`; alarm_only latches without writing.", [
      "stop",
      "alarm_only",
      "boost",
    ]),
    latch: flag("Always true: a trip stays until it is reset."),
    reset: choice("Always manual.", ["manual"]),
    onBad: choice(
      "What a tag that cannot be measured does: trip, tell, or nothing; the document's by default.",
      blindPolicies,
    ),
    badSamples: integer("Unusable readings in a row until onBad applies.", { min: 1, max: 1_000 }),
    suppressedBy: list(
      "Rules that, latched and with their cause still there, keep this one quiet.",
      id("A rule."),
    ),
    tripsPerHour: integer("More trips than this within an hour forbid a reset.", {
      min: 1,
      max: 1_000,
    }),
    proofTest: table("How often the rule must be tried at the machine.", {
      every: duration("Time between two tests.", { minMs: hourMs, maxMs: 3_653 * dayMs }),
    }),
  },
  ["id", "when"],
);

/** The cause-and-effect table as a document of its own, which somebody approves. */
export const safetyDocument = table(
  "Outputs and cause-and-effect rules of one edge.",
  {
    version: integer("Version of this format.", { min: 1, max: 1 }),
    edge: text("The edge that this table is for."),
    onBad: choice("What rules without an onBad of their own do; alarm by default.", blindPolicies),
    outputs: mapOf("Outputs by id.", outputDocument),
    safety: list("Cause-and-effect rules.", ruleDocument),
  },
  ["version", "edge", "safety"],
);

export const safetyField = listOrTable("Cause-and-effect rules, or the document that holds them.", {
  list: list("Rules that nobody has approved: for trials.", ruleDocument),
  table: table(
    "The document with outputs and rules, and who approved it.",
    {
      document: text("Path of the document, from this file's folder."),
      approval: text('Path of its approval; the document\'s with ".approval" by default.'),
      trusted: list(
        "Public keys (PEM) of those who may approve.",
        text("Path, from this file's folder."),
      ),
      approvers: integer("How many of them must have approved; 1 by default.", { min: 1, max: 5 }),
    },
    ["document", "trusted"],
  ),
});

/** What `weir-edge approve` writes. */
export const approvalDocument = list(
  "Approvals of one text.",
  table(
    "One person's approval.",
    {
      edge: text("The edge."),
      sha256: text("Of the document's text."),
      basis: list("What the rules stand on: how their tags are read.", text("A line.")),
      by: text("Who approved."),
      at: text("When, UTC."),
      reason: text("Why."),
      key: text("Which key signed."),
      signature: text("Ed25519, base64."),
    },
    ["edge", "sha256", "basis", "by", "at", "key", "signature"],
  ),
);
