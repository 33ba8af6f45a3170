/** What may stand in the files of a plant pack, and under the same keys in a site's own description. */
import {
  type FailureCode,
  failureCodes,
  type PlantPack,
  priorities,
} from "@weir/contracts/plant-pack.ts";
import { choice, flag, number, text } from "@weir/runtime/setting-kinds.ts";
import { list, map, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import type { Setting, SettingsOf } from "@weir/runtime/settings.ts";

const widest = { min: -1e12, max: 1e12 };
const kindId = /^[a-z0-9_]{1,40}$/;
const equipmentId = /^[a-z0-9][a-z0-9-]{0,62}$/;

const words = (doc: string, max = 400) => text({ doc, max });
const wordList = (doc: string) => list(words("One of them."), { doc, max: 60 });
const kindList = (doc: string) =>
  list(text({ doc: "A kind.", pattern: kindId, like: '"flow"' }), { doc, max: 60 });
const codes = Object.keys(failureCodes) as FailureCode[];

const unitOfKind = object(
  {
    min: optional(number({ doc: "No such quantity is lower.", ...widest })),
    max: optional(number({ doc: "No such quantity is higher.", ...widest })),
    resolution: optional(number({ doc: "Usual step of the displayed value.", min: 0, max: 1e6 })),
    noise: optional(
      number({
        doc: "Usual standard deviation of a healthy instrument's noise.",
        min: 0,
        max: 1e6,
      }),
    ),
    floor: optional(
      number({
        doc: "Smallest standard deviation that an alert rule trusts, whatever was learned.",
        min: 0,
        max: 1e6,
      }),
    ),
    tolerance: optional(
      number({
        doc: "What an instrument may be off and still be right; 1 % of the level where left out.",
        min: 0,
        max: 1e6,
      }),
    ),
    decides: flag({
      doc: "This unit alone tells the kind of a tag that names none.",
      default: false,
    }),
  },
  {
    doc: "What is true of the kind in this unit.",
    rules: [
      [
        "min must be below max",
        ({ min, max }) => min === undefined || max === undefined || min < max,
        "min",
      ],
    ],
  },
);

const learnedRule = object(
  {
    parameter: choice(["jump", "floor"], {
      doc: "jump: the largest change of the delta rule; floor: the smallest trusted spread.",
    }),
    factor: number({ doc: "Times what 99.9 % of quiet minutes stay below.", min: 1, max: 10 }),
    in: choice(["unit", "steps"], {
      doc: "What the bounds are given in: the tag's unit, or steps of its resolution.",
      default: "unit",
    }),
    low: number({ doc: "Never learned lower.", min: 0, max: 1e6 }),
    high: number({ doc: "Never learned higher.", min: 0, max: 1e6 }),
  },
  {
    doc: "What the cloud may learn for the alert rules of such a tag.",
    rules: [["low must not be above high", ({ low, high }) => low <= high, "low"]],
  },
);

const kind = object(
  {
    name: words('What people call it: "free chlorine".', 60),
    sensor: optional(words('What people call the instrument, "oxygen probe"; else the name.', 60)),
    units: map(unitOfKind, {
      doc: "Its units as they are written at tags, the usual one first.",
      key: /^\S{1,24}$/,
      max: 40,
    }),
    names: list(text({ doc: "A part.", pattern: /^[a-z0-9]{1,32}$/, like: '"press"' }), {
      doc: "Parts of tag names that mean it, in lower case: pt, press, pressure.",
      max: 60,
    }),
    percent: flag({
      doc: "A departure is told as a percentage, not in the unit.",
      default: false,
    }),
    load: flag({
      doc: "Carries the load from a stage to those it feeds, and explains what they do.",
      default: false,
    }),
    learns: optional(learnedRule),
    checks: wordList("What to look at first when it changes fast."),
  },
  { doc: "A kind of measurement." },
);

const channelSign = object(
  {
    kinds: kindList("The channel measures one of these; any where left out."),
    share: number({
      doc: "Least part of the stage's score that the channel causes.",
      default: 0.25,
      min: 0,
      max: 1,
    }),
    way: optional(
      choice(["up", "down"], { doc: "Which way it has gone against its usual value." }),
    ),
    times: optional(
      number({ doc: "How many times as much, or as little, as usual.", min: 1, max: 1e6 }),
    ),
    limited: flag({ doc: "It has a hard limit at the edge.", default: false }),
  },
  { doc: "A channel that stands out; every condition must hold of the same one." },
);

const priority = choice(priorities, { doc: "P1 is now, P4 can wait." });
const dueHours = number({
  doc: "Hours until it should be dealt with.",
  min: 0,
  max: 24 * 365,
});

const failureMode = object(
  {
    code: choice(codes, { doc: "ISO 14224 code of the failure mode." }),
    mechanism: words("Why it fails, where that is known."),
    headline: words("Completes the stage's name: what is wrong."),
    because: words("Why the signs mean that."),
    when: list(channelSign, { doc: "Any of these signs; always where left out.", max: 20 }),
    priority,
    dueHours,
    urgent: optional(
      object(
        {
          when: list(channelSign, { doc: "Any of these signs.", min: 1, max: 20 }),
          priority,
          dueHours,
        },
        { doc: "What makes it more urgent." },
      ),
    ),
    actions: wordList("What to do, in order."),
    parts: wordList("What may be needed."),
    safety: text({ doc: "What protects those who do it.", default: "", max: 400 }),
    limit: optional(
      object(
        {
          kinds: kindList("The measurement whose course tells when it fails."),
          high: optional(number({ doc: "It fails once the value is as high.", ...widest })),
          low: optional(number({ doc: "It fails once the value is as low.", ...widest })),
          unit: text({
            doc: "Unit of the limit; tags in other units are not judged by it.",
            max: 24,
          }),
        },
        {
          doc: "Where the course of a measurement ends in failure; the edge's hard limit counts where it is nearer.",
          rules: [
            [
              "give high or low, one of them",
              ({ high, low }) => (high === undefined) !== (low === undefined),
            ],
          ],
        },
      ),
    ),
  },
  { doc: "A way to fail." },
);

const equipmentClass = object(
  {
    name: words("What people call it.", 60),
    words: list(
      text({ doc: "A beginning.", pattern: /^[a-z0-9][a-z0-9 -]{0,38}$/, like: '"pump"' }),
      {
        doc: "Beginnings of words, in lower case, by which a stage's equipment or an output is known to be one.",
        max: 40,
      },
    ),
    failureModes: list(failureMode, {
      doc: "Tried in order; the first that fits is told.",
      max: 40,
    }),
    order: optional(
      object(
        {
          on: choice(codes, { doc: "It did not start or open." }),
          off: choice(codes, { doc: "It did not stop or close." }),
          actions: wordList("What to do, in order."),
          parts: wordList("What may be needed."),
          safety: text({ doc: "What protects those who do it.", default: "", max: 400 }),
        },
        { doc: "When a safety trip orders it and its feedback does not follow." },
      ),
    ),
  },
  { doc: "A class of equipment." },
);

export const signPattern =
  /^[a-z0-9_]{1,40} (high|low|mean|like|slope|spread)( and [a-z0-9_]{1,40} (high|low|mean|like|slope|spread))*$/;

const findingPattern = object(
  {
    when: list(
      text({
        doc: "Signs together.",
        pattern: signPattern,
        like: '"air_flow high and pressure low"',
      }),
      {
        doc: "Alternatives; each one sign or several that come together: a kind, and high, low, mean, like, slope or spread.",
        min: 1,
        max: 20,
      },
    ),
    equipment: list(text({ doc: "A class.", pattern: equipmentId, like: '"pump"' }), {
      doc: "Only at these classes of equipment; anywhere where left out.",
      max: 40,
    }),
    headline: words("Completes the stage's name: what is wrong."),
    explanation: words("Why the signs mean that, and what is not known.", 1_000),
    checks: wordList("What to look at, in order."),
  },
  { doc: "What departures that come together add up to." },
);

/** The keys of a pack's content, in each of its files and in site.yaml. */
export const packContent = {
  kinds: map(kind, { doc: "Kinds of measurement by id.", key: kindId, max: 400 }),
  equipment: map(equipmentClass, {
    doc: "Classes of equipment by id.",
    key: equipmentId,
    max: 400,
  }),
  failureModes: list(failureMode, {
    doc: "Ways to fail of any equipment, tried after those of its class.",
    max: 100,
  }),
  findings: list(findingPattern, {
    doc: "What departures add up to; the first that fits is told.",
    max: 200,
  }),
  operations: map(words("What people call it.", 60), {
    doc: "What people do to a stage that looks like a fault, by id.",
    max: 40,
  }),
};

/** A pack as it is resolved and sent: `readSettingsText(json, plantPack)`. */
export const plantPack = settings(packContent) satisfies Setting<PlantPack, unknown>;

/** A file of a pack's folder; exactly one of them says what the pack is. */
export const packFile = settings({
  pack: optional(
    object(
      {
        about: words("What it describes, in one line."),
        extends: list(text({ doc: "A pack.", pattern: equipmentId, like: '"general"' }), {
          doc: "Packs that this one builds on; what it says of the same id counts.",
          max: 20,
        }),
      },
      { doc: "What the pack is: in one file of its folder." },
    ),
  ),
  ...packContent,
});

export type PackFile = SettingsOf<typeof packFile>;
