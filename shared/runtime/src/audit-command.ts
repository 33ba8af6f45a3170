/** `audit verify` and `audit list`, the same at every tier; works beside the running process. */
import { elementAt } from "@weir/contracts/elements.ts";
import { type AuditLog, openAuditLog } from "./audit-log.ts";
import { type Command, command, type ProgramIo } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { createReporter } from "./events.ts";
import type { IntegrityFinding } from "./integrity-log.ts";
import type { SqlDatabase } from "./sql.ts";

/** What is wrong with the audit log, or undefined. Walks all of it. */
export function auditFinding(audit: AuditLog): IntegrityFinding | undefined {
  const verdict = audit.verify();
  if (verdict.ok) return undefined;
  const text = `the audit log was changed from outside: entry ${verdict.brokenAt} is changed, missing or out of place, and nothing from there on can be relied on. Compare it with a backup`;
  return { code: "audit", subject: "audit log", text };
}

export function auditCommand(options: {
  program: string;
  /** Of the data folder, for the given option. */
  open: (dataDir: string | undefined, env: ProgramIo["env"]) => SqlDatabase;
}): Command {
  return command({
    about: "Checks the audit log's chain of hashes, or lists its newest entries.",
    options: {
      dataDir: commonOptions.dataDir,
      json: commonOptions.json,
      limit: {
        flag: "--limit",
        type: "number",
        default: 20,
        integer: true,
        min: 1,
        max: 100_000,
        doc: "Entries to list, newest first.",
      },
    },
    positionals: { name: "verify|list", doc: "What to do.", min: 1, max: 1 },
    examples: [`${options.program} audit verify`, `${options.program} audit list --limit 100`],
    async run(args, io) {
      const action = elementAt(args.positionals, 0);
      if (action !== "verify" && action !== "list") {
        io.err(`${options.program}: "${action}" is not verify or list`);
        return 2;
      }
      const db = options.open(args.dataDir, io.env);
      try {
        const audit = openAuditLog(db, () => 0);
        const reporter = createReporter({ json: args.json, out: io.out });
        if (action === "verify") return verify(audit, reporter, io);
        for (const { sequence, atMs, actor, action: what, subject, detail } of audit.recent(
          args.limit,
        )) {
          const text = `${sequence}  ${new Date(atMs).toISOString()}  ${actor}  ${what}  ${subject}  ${detail}`;
          reporter.event("audit", { sequence, atMs, actor, action: what, subject, detail }, text);
        }
        return 0;
      } finally {
        db.close();
      }
    },
  });
}

function verify(
  audit: AuditLog,
  reporter: ReturnType<typeof createReporter>,
  io: Pick<ProgramIo, "err">,
): number {
  const finding = auditFinding(audit);
  if (finding) {
    io.err(finding.text);
    return 1;
  }
  const { sequence, hash } = audit.head();
  const text = `${sequence} entries, unbroken; the newest has the hash ${hash}`;
  reporter.event("audit-verified", { entries: sequence, hash }, text);
  return 0;
}
