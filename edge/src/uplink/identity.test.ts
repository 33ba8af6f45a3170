import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey } from "@weir/runtime/signing.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { loadIdentity } from "./identity.ts";

const own = { site: "riverside", edge: "edge-w" };

function folder(identity: string): string {
  const dir = tempDir();
  const keys = generateSigningKey().publicPem + generateSigningKey().publicPem;
  const texts = { "ca.pem": "ca", "cert.pem": "cert", "key.pem": "key", "trusted-keys.pem": keys };
  for (const [name, text] of Object.entries({ ...texts, "identity.json": identity })) {
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

test("every trusted key is found, and renewed certificates are read at each attempt", () => {
  const dir = folder(JSON.stringify(own));
  const identity = loadIdentity(dir, own);
  expect(identity.trusted.length).toBe(2);
  writeFileSync(join(dir, "cert.pem"), "renewed");
  expect(identity.tls()).toEqual({ ca: "ca", cert: "renewed", key: "key" });
});

test.each([
  [
    "another edge's folder",
    JSON.stringify({ ...own, edge: "edge-d" }),
    /identity of edge "edge-d", this configuration is of "edge-w"/,
  ],
  [
    "another site's folder",
    JSON.stringify({ ...own, site: "hillside" }),
    /identity of site "hillside"/,
  ],
  ["no JSON", "{", /identity.json: .*JSON/],
  ["no names", "{}", /"site" and "edge" are needed/],
])("%s is refused in plain words", (_, text, words) => {
  expect(() => loadIdentity(folder(text), own)).toThrow(words);
});

test("a missing file is named, with the command that makes it", () => {
  const dir = folder(JSON.stringify(own));
  rmSync(join(dir, "key.pem"));
  expect(() => loadIdentity(dir, own)).toThrow(/key\.pem.*weir-fog enrol-edge/);
});
