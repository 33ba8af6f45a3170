/** `npm run tidy`: what must never be, checked. */
import { rules } from "./rules.ts";
import { readTree } from "./tree.ts";

const root = new URL("../../..", import.meta.url).pathname;
const files = readTree(root);
const findings = Object.values(rules).flatMap((rule) => rule(files));
for (const { path, line, rule, text } of findings) {
  process.stdout.write(`${path}${line > 0 ? `:${line}` : ""}  ${rule}  ${text}\n`);
}
process.stdout.write(`tidy: ${files.length} files, ${findings.length} findings\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
