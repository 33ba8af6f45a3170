/**
 * A rig is one file of addresses: what is wired to this machine, what it should say, what may be switched.
 * Connections, devices and outputs are written as in the configuration of an edge; `rig` says the rest.
 */
import { dirname, resolve } from "node:path";
import type { Problem } from "@weir/runtime/problem.ts";
import { duration, integer, number, text } from "@weir/runtime/setting-kinds.ts";
import { list, map, object, optional, settings } from "@weir/runtime/setting-tables.ts";
import { readSettings, type SettingsOf } from "@weir/runtime/settings.ts";
import { readYamlFile } from "@weir/runtime/yaml-source.ts";

export const rigSettings = settings({
  name: text({ doc: "What the report calls it." }),
  simulated: optional(
    object(
      {
        serial: text({
          doc: "Lines as weir-sim run --serial takes them; pty and tcp find a place.",
        }),
        seed: integer({ default: 42, min: 0, max: 2 ** 31, doc: "Seed of the simulated works." }),
      },
      { doc: "The works is simulated; connections, devices and outputs are those of its D line." },
    ),
  ),
  edge: optional(
    text({ doc: "An edge's configuration to take connections, devices and outputs from." }),
  ),
  expect: map(
    list(number({ min: -1e9, max: 1e9, doc: "A bound." }), {
      doc: "Lowest, highest.",
      min: 2,
      max: 2,
    }),
    {
      key: /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/,
      doc: "What a point may read here, tag by tag; its measuring range where nothing is said.",
    },
  ),
  outputs: list(text({ doc: "An output." }), {
    doc: "Outputs that may be switched. All others are left alone.",
  }),
  loopbacks: list(
    object(
      {
        output: text({ doc: "An output of this rig." }),
        input: text({ doc: 'Wired to it, as "discrete bus/40:0".' }),
        within: duration({ default: "1s", min: "1ms", max: "1m", doc: "Longest time to follow." }),
      },
      { doc: "An output wired to an input." },
    ),
    { doc: "Outputs wired to inputs." },
  ),
  bauds: list(integer({ min: 300, max: 921_600, doc: "Bits a second." }), {
    doc: "Speeds at which the cut-off over serial lines is measured, where the rig can change them.",
  }),
});

export type RigSettings = SettingsOf<typeof rigSettings>;

/** An edge's configuration as plain data. */
export interface EdgeDocument {
  connections: Record<string, Record<string, unknown>>;
  devices: { id: string; connection: string; tags?: Record<string, unknown> }[];
  outputs: Record<string, unknown>;
  [key: string]: unknown;
}

export interface Rig extends RigSettings {
  file: string;
  /** Undefined while the works that has them is not running yet. */
  document: EdgeDocument | undefined;
}

export type RigResult = { ok: true; rig: Rig } | { ok: false; problems: Problem[] };

export function readRig(file: string): RigResult {
  const source = readYamlFile(file);
  if (!source.ok) return source;
  const read = readSettings(source, rigSettings, ["rig"]);
  if (!read.ok) return read;
  const rig = { ...read.value, file };
  if (rig.simulated) return { ok: true, rig: { ...rig, document: undefined } };
  if (rig.edge === undefined) {
    const { rig: _, ...sections } = source.root as Record<string, unknown>;
    return { ok: true, rig: { ...rig, document: edgeDocument(sections) } };
  }
  const edge = readYamlFile(resolve(dirname(file), rig.edge));
  return edge.ok ? { ok: true, rig: { ...rig, document: edgeDocument(edge.root) } } : edge;
}

/** Sections that every edge needs are filled in; whatever is wrong with the others the edge's reader says. */
export const edgeDocument = (root: unknown): EdgeDocument => ({
  version: 1,
  site: { id: "rig" },
  edge: "rig",
  connections: {},
  devices: [],
  outputs: {},
  ...(root as Partial<EdgeDocument>),
});
