/** The part of the configuration's document that describes outputs and safety rules. */
import { choice, duration, flag, integer, number, text } from "@weir/runtime/setting-kinds.ts";
import { list, listOrTable, object, optional, required } from "@weir/runtime/setting-tables.ts";
import type { DraftOf } from "@weir/runtime/settings.ts";
import { byId, entriesMax, id, words, wordsLike } from "./document-words.ts";
import { level, limit } from "./level.ts";

const blindPolicies = ["trip", "alarm", "hold"] as const;
export type BlindPolicy = (typeof blindPolicies)[number];

const output = object(
  {
    write: wordsLike("Table, connection, unit and register.", '"coil plc/11:0"'),
    safe: level({ doc: "What the I/O module falls back to by itself." }),
    readBack: flag({ default: true, doc: "Read the written coil or register again." }),
    feedback: optional(
      object(
        {
          read: wordsLike("Where it is.", '"discrete plc/11:0"'),
          within: duration({ min: "10ms", max: "1h", doc: "Longest time until it shows." }),
          inverted: flag({
            default: false,
            doc: "The feedback is off when the output is on.",
          }),
        },
        { doc: "Proof that the machine followed." },
      ),
    ),
    secondary: optional(id("Output that is set to its safe state when this one does not follow.")),
  },
  { doc: "One thing the agent can switch." },
);
export type OutputDraft = DraftOf<typeof output>;
export const outputs = byId(output, "Outputs by id.");

const when = object(
  {
    tag: optional(words('"TANK1/PT01"; "PT01" where only one device has it.')),
    vote: optional(
      text({
        doc: "How many of how many tags must be beyond the limit.",
        pattern: /^[1-9]oo[1-9]$/,
        form: "a vote",
        like: "1oo1, 1oo2, 2oo2 or 2oo3",
      }),
    ),
    tags: optional(
      list(words("A tag."), { doc: "The tags of a vote, instead of `tag`.", max: entriesMax }),
    ),
    onBadChannel: optional(
      choice(["trip", "keep"], {
        default: "trip",
        doc: "A channel that cannot be measured votes for the trip (2oo3 becomes 1oo2), or is left out (2oo3 becomes 2oo2). With more of them lost a vote trips.",
      }),
    ),
    deviation: optional(
      number({
        default: 0.05,
        min: 0.001,
        max: 1,
        doc: "A channel that differs from the others by more than this share of its range is told.",
      }),
    ),
    above: optional(limit({ doc: "Trip above this: a number, or hardHigh." })),
    below: optional(limit({ doc: "Trip below this: a number, or hardLow." })),
    for: optional(
      duration({
        min: 0,
        max: "1h",
        doc: "How long without a break; the tag's onDelay by default.",
      }),
    ),
    samples: integer({
      // A rule that acts never does so on a single reading: one may be a bubble or a glitch.
      default: 3,
      min: 1,
      max: 100,
      doc: "How many readings in a row at least.",
    }),
    deadband: optional(
      number({
        min: 0,
        doc: "How far back the value must be before a reset; the tag's deadband by default.",
      }),
    ),
    quality: choice(["good", "uncertain"], {
      default: "good",
      doc: "Worst quality that counts as a measurement.",
    }),
  },
  { doc: "The cause. `above: hardHigh` takes the tag's limit." },
);
export type CauseDraft = DraftOf<typeof when>;

const effect = object(
  {
    set: id("One of `outputs`."),
    to: level({ doc: "on, off, or a register's value." }),
    afterReset: optional(level({ doc: "Set after an accepted reset; left alone by default." })),
    over: optional(
      duration({
        min: "1s",
        max: "1h",
        doc: "A boost goes there in steps over this time; at once by default.",
      }),
    ),
  },
  { doc: "Sets one output." },
);

const rule = object(
  {
    id: id("Unique on this edge."),
    group: optional(id("Trips of one group share a first-out; the rule's id by default.")),
    when: required(when),
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: list(effect, { doc: "The effects.", max: entriesMax }),
    action: choice(["stop", "alarm_only", "boost"], {
      default: "stop",
      doc: "stop and boost write `then`; alarm_only latches without writing.",
    }),
    latch: flag({ default: true, doc: "Always true: a trip stays until it is reset." }),
    reset: choice(["manual"], { default: "manual", doc: "Always manual." }),
    onBad: optional(
      choice(blindPolicies, {
        doc: "What a tag that cannot be measured does: trip, tell, or nothing; the document's by default.",
      }),
    ),
    badSamples: integer({
      default: 3,
      min: 1,
      max: 1_000,
      doc: "Unusable readings in a row until onBad applies.",
    }),
    suppressedBy: list(id("A rule."), {
      doc: "Rules that, latched and with their cause still there, keep this one quiet.",
      max: entriesMax,
    }),
    tripsPerHour: integer({
      default: 4,
      min: 1,
      max: 1_000,
      doc: "More trips than this within an hour forbid a reset.",
    }),
    proofTest: object(
      {
        every: optional(duration({ min: "1h", max: "3653d", doc: "Time between two tests." })),
      },
      { doc: "How often the rule must be tried at the machine." },
    ),
  },
  { doc: "A cause and its effects." },
);
export type RuleDraft = DraftOf<typeof rule>;

const ruleList = (doc: string) => list(rule, { doc, max: entriesMax, unique: "id" });

/** The cause-and-effect table as a document of its own, which somebody approves. */
export const safetyDocument = object(
  {
    version: integer({ min: 1, max: 1, doc: "Version of this format." }),
    edge: words("The edge that this table is for."),
    onBad: choice(blindPolicies, {
      default: "alarm",
      doc: "What rules without an onBad of their own do.",
    }),
    outputs,
    safety: required(ruleList("Cause-and-effect rules.")),
  },
  { doc: "Outputs and cause-and-effect rules of one edge." },
);

export const safety = listOrTable(
  {
    list: ruleList("Rules that nobody has approved: for trials."),
    table: object(
      {
        document: words("Path of the document, from this file's folder."),
        approval: optional(
          words('Path of its approval; the document\'s with ".approval" by default.'),
        ),
        trusted: required(
          list(words("Path, from this file's folder."), {
            doc: "Public keys (PEM) of those who may approve.",
            max: entriesMax,
          }),
        ),
        approvers: integer({
          default: 1,
          min: 1,
          max: 5,
          doc: "How many of them must have approved.",
        }),
      },
      { doc: "The document with outputs and rules, and who approved it." },
    ),
  },
  { doc: "Cause-and-effect rules, or the document that holds them." },
);

/** What `weir-edge approve` writes. */
export const approvalDocument = list(
  object(
    {
      edge: words("The edge."),
      sha256: words("Of the document's text."),
      basis: required(
        list(words("A line."), {
          doc: "What the rules stand on: how their tags are read.",
          max: entriesMax,
        }),
      ),
      by: words("Who approved."),
      at: words("When, UTC."),
      reason: optional(words("Why.")),
      key: words("Which key signed."),
      signature: words("Ed25519, base64."),
    },
    { doc: "One person's approval." },
  ),
  { doc: "Approvals of one text.", max: entriesMax },
);
