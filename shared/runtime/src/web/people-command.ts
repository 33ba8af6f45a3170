/** `people`: who may sign in to a tier's pages, the same at fog and cloud; works beside the running process. */
import { existsSync } from "node:fs";
import type { Role } from "@weir/contracts/api/live.ts";
import type { Clock } from "../clock.ts";
import { type Command, command } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import { createReporter, type Reporter } from "../events.ts";
import { RuntimeFault } from "../faults.ts";
import { openSqlite } from "../sql.better-sqlite3.ts";
import { type Accounts, openAccounts } from "./accounts.ts";

const roles = ["viewer", "operator", "supervisor", "engineer"] as const satisfies Role[];

export interface PeopleCommandOptions {
  program: string;
  /** accounts.db of the data folder. */
  accountsFile: (dataDir: string | undefined) => string;
  /** Where the pages are, as the running process has noted it; undefined when it never ran. */
  url: (dataDir: string | undefined) => string | undefined;
  /** Notes what was done in the tier's audit log. */
  note: (
    dataDir: string | undefined,
    entry: { action: string; subject: string; detail: string },
  ) => void;
  /** Real time. */
  clock: () => Clock;
}

export function peopleCommand(options: PeopleCommandOptions): Command {
  const { program } = options;
  return command({
    about: "Lists who may sign in, makes a sign-in link for one more, or removes somebody.",
    options: {
      dataDir: commonOptions.dataDir,
      json: commonOptions.json,
      role: {
        flag: "--role",
        type: "string",
        default: "operator",
        choices: roles,
        value: "ROLE",
        doc: "With invite: what the new one may do; each may what those before it may.",
      },
      hours: {
        flag: "--hours",
        type: "number",
        default: 24,
        integer: true,
        min: 1,
        max: 720,
        doc: "With invite: how long the link works. It works once.",
      },
    },
    positionals: { name: "list|invite|remove [NAME]", doc: "What to do.", min: 1, max: 2 },
    examples: [
      `${program} people list`,
      `${program} people invite --role supervisor`,
      `${program} people remove ana`,
    ],
    async run(args, io) {
      const [action = "", user = ""] = args.positionals;
      if (
        !["list", "invite", "remove"].includes(action) ||
        (action === "remove") !== (user !== "")
      ) {
        io.err(`${program}: give people list, people invite, or people remove NAME`);
        return 2;
      }
      const file = options.accountsFile(args.dataDir);
      if (!existsSync(file)) throw new RuntimeFault("RUNTIME_PEOPLE_NONE", { file, program });
      const clock = options.clock();
      const db = openSqlite(file, { synchronous: "FULL", migrations: [] });
      try {
        const accounts = openAccounts(db, clock);
        const reporter = createReporter({ json: args.json, out: io.out });
        const note = (what: string, subject: string, detail: string) =>
          options.note(args.dataDir, {
            ...{ action: `people.${what}`, subject, detail },
          });
        if (action === "list") list(accounts, reporter);
        else if (action === "remove") remove(accounts, reporter, { user, note });
        else {
          const ttlMs = args.hours * 3_600_000;
          const token = accounts.createSignInToken({ role: args.role as Role, ttlMs });
          const base = options.url(args.dataDir);
          const path = `/signin?token=${token}`;
          const url = base === undefined ? path : new URL(path, base).href;
          note("invite", args.role, `${args.hours} h`);
          reporter.event(
            "sign-in",
            { url, role: args.role, hours: args.hours },
            `for one ${args.role}, once, within ${args.hours} h: ${url}`,
          );
        }
      } finally {
        db.close();
      }
      return 0;
    },
  });
}

function list(accounts: Accounts, reporter: Reporter): void {
  const users = accounts.users();
  if (users.length === 0) reporter.event("people", { users }, "nobody has signed in yet");
  for (const { user, role, createdAtMs } of users)
    reporter.event("person", { user, role, createdAtMs }, `${user}  ${role}`);
}

function remove(
  accounts: Accounts,
  reporter: Reporter,
  { user, note }: { user: string; note: (what: string, subject: string, detail: string) => void },
): void {
  const known = accounts.users().map((one) => one.user);
  if (!accounts.removeUser(user))
    throw new RuntimeFault("RUNTIME_PEOPLE_UNKNOWN", { user, known: known.join(", ") });
  note("remove", user, "all sessions ended");
  reporter.event("removed", { user }, `${user} is removed; open pages of ${user} end`);
}
