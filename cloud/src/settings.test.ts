/** What a check of cloud.yaml refuses, so that no run meets it. */
import { readSettingsText } from "@weir/runtime/settings.ts";
import { expect, test } from "vitest";
import { cloudSettings } from "./settings.ts";

const faults = (yaml: string): string[] => {
  const read = readSettingsText(yaml, cloudSettings);
  return read.ok ? [] : read.problems.map(({ path }) => path);
};

test.each([
  ["tickets: {webhooks: [{url: 'http://['}]}", "tickets.webhooks[0].url"],
  ["console: {names: ['a b']}", "console.names[0]"],
  ["door: {names: ['*.x']}", "door.names[0]"],
  ["door: {host: 'not a host '}", "door.host"],
  ["door: {host: '999.1.1.1'}", "door.host"],
  ["console: {trustedProxies: ['999.1.1.1/999']}", "console.trustedProxies[0]"],
  ["console: {trustedProxies: ['10.0.0.0/33']}", "console.trustedProxies[0]"],
  ["door: {port: 8090}", "console"],
])("refused by its place: %s", (yaml, path) => expect(faults(yaml)).toEqual([path]));

test.each([
  "door: {host: '::', names: [weir.mill.example, '::1', my_host, 10.0.0.5]}",
  "console: {trustedProxies: [10.0.0.0/8, '::1', 'fd00::/8']}",
  "door: {host: 10.0.0.5, port: 8090}",
  "{door: {port: 0}, console: {port: 0}}",
])("taken: %s", (yaml) => expect(faults(yaml)).toEqual([]));
