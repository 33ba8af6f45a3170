/**
 * The schema stays readable: nothing that was released changes on the wire or in JSON, and the
 * TypeScript checked in is what the schema generates. After a release:
 * `buf build -o fixtures/released.binpb`.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "../../node_modules/.bin");
const buf = join(bin, "buf");

/** Runs buf on this package; its complaints when it fails. */
function complaintsOf(args: string[]): string {
  const PATH = [bin, process.env["PATH"]].join(delimiter);
  try {
    execFileSync(buf, args, {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, PATH },
    });
    return "";
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}` || String(error);
  }
}

const isHere = existsSync(buf) && complaintsOf(["--version"]) === "";
if (!isHere)
  console.warn(`SKIPPED: no buf at ${buf}, so the schema is not checked for breaking changes`);

test.skipIf(!isHere)("the schema reads everything that was released", () => {
  expect(complaintsOf(["breaking", "--against", "fixtures/released.binpb"])).toBe("");
});

test.skipIf(!isHere)("a field that changes its type is noticed", () => {
  const changed = mkdtempSync(join(tmpdir(), "weir-protos-"));
  try {
    const image = join(changed, "image.json");
    expect(complaintsOf(["build", "-o", image])).toBe("");
    const text = readFileSync(image, "utf8");
    const broken = text.replace(
      /("name":"epoch","number":\d+,"label":"LABEL_OPTIONAL","type":)"TYPE_UINT32"/,
      '$1"TYPE_STRING"',
    );
    expect(broken).not.toBe(text);

    writeFileSync(image, broken);
    expect(complaintsOf(["breaking", image, "--against", "fixtures/released.binpb"])).toContain(
      "epoch",
    );
  } finally {
    rmSync(changed, { recursive: true });
  }
});

test.skipIf(!isHere)("the schema keeps to the lint rules", () => {
  expect(complaintsOf(["lint"])).toBe("");
});

test.skipIf(!isHere)("the generated TypeScript is that of the schema", () => {
  const fresh = mkdtempSync(join(tmpdir(), "weir-generated-"));
  try {
    expect(complaintsOf(["generate", "-o", fresh])).toBe("");
    const made = join(fresh, "src/generated/weir/v1");
    const kept = join(root, "src/generated/weir/v1");
    expect(readdirSync(kept).sort()).toEqual(readdirSync(made).sort());
    for (const file of readdirSync(made)) {
      const remedy = `${file}: run npm run generate -w shared/contracts`;
      expect(readFileSync(join(kept, file), "utf8"), remedy).toBe(
        readFileSync(join(made, file), "utf8"),
      );
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
});
