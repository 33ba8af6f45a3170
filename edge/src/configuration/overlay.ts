/**
 * What an artifact lays over a site's own file: connections by id, devices by id, tags by name, each key
 * by key. What it does not name stays as the site wrote it.
 */
import type { Problem } from "@weir/runtime/problem.ts";
import { parseYaml } from "@weir/runtime/yaml-source.ts";
import { overlayDocument } from "./document.ts";
import { readDocument } from "./resolving.ts";

export interface Overlay {
  root: Plain;
  text: string;
}

type Plain = Record<string, unknown>;

/** @param name stands for the file in complaints. */
export function readOverlay(
  name: string,
  text: string,
): { ok: true; overlay: Overlay } | { ok: false; problems: Problem[] } {
  const source = parseYaml(name, text);
  if (!source.ok) return source;
  const problems: Problem[] = [];
  readDocument({ source, problems }, overlayDocument);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, overlay: { root: source.root as Plain, text } };
}

/** `root` of the site's file with `overlay` on it; neither is changed. */
export function layOver(root: unknown, overlay: Plain): unknown {
  if (!isPlain(root)) return root;
  const devices = Array.isArray(root["devices"]) ? [...root["devices"]] : [];
  for (const device of (overlay["devices"] as Plain[] | undefined) ?? []) {
    const at = devices.findIndex((own) => isPlain(own) && own["id"] === device["id"]);
    if (at < 0) devices.push(device);
    else devices[at] = merged(devices[at] as Plain, device);
  }
  const connections = (overlay["connections"] as Plain | undefined) ?? {};
  return {
    ...root,
    connections: merged(isPlain(root["connections"]) ? root["connections"] : {}, connections),
    devices,
  };
}

function merged(own: Plain, over: Plain): Plain {
  const result: Plain = { ...own };
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(own, key) ? own[key] : undefined;
    result[key] = isPlain(before) && isPlain(value) ? merged(before, value) : value;
  }
  return result;
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);
