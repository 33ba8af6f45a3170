import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { runProgram } from "../cli.ts";
import { SimulatedClock } from "../simulated-clock.ts";
import { openSqlite } from "../sql.better-sqlite3.ts";
import { openAccounts } from "./accounts.ts";
import { peopleCommand } from "./people-command.ts";

const url = "http://127.0.0.1:8080";

function rig() {
  const dir = tempDir();
  const clock = new SimulatedClock(Date.UTC(2026, 5, 2));
  const notes: string[] = [];
  const people = peopleCommand({
    program: "weir-fog",
    accountsFile: (dataDir) => join(dataDir as string, "accounts.db"),
    url: () => url,
    note: (_, { action, subject }) => notes.push(`${action} ${subject}`),
    clock: () => clock,
  });
  const weir = async (...words: string[]) => {
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    const io = { out: say, err: say, env: {}, isTTY: false };
    const program = { name: "weir-fog", about: "", commands: { people } };
    const code = await runProgram(program, ["people", ...words, "--data-dir", dir], io);
    return { code, said: said.join("\n") };
  };
  const open = () => openSqlite(join(dir, "accounts.db"), { synchronous: "FULL", migrations: [] });
  return { clock, notes, weir, open };
}

test("a second person is invited beside the running process, signs in, is listed and removed", async () => {
  const { clock, notes, weir, open } = rig();
  const db = open();
  const accounts = openAccounts(db, clock);
  const invited = await weir("invite", "--role", "supervisor", "--hours", "2");
  const [, token = ""] = /signin\?token=(\S+)/.exec(invited.said) ?? [];
  expect(invited.said).toContain(`for one supervisor, once, within 2 h: ${url}/signin?token=`);
  const login = accounts.redeemSignInToken(token);
  const given = { user: "Ben", password: "seven green herons", ip: "x" };
  await accounts.setPassword({ token: login?.token ?? "", ...given });
  expect(await weir("list")).toEqual({ code: 0, said: "Ben  supervisor" });

  const unknown = await weir("remove", "Ana");
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.said).toContain('nobody here is called "Ana"; known: Ben');
  expect(await weir("remove", "Ben")).toMatchObject({ code: 0 });
  expect(accounts.sessionOf(login?.token ?? "")).toBeUndefined();
  expect(notes).toEqual(["people.invite supervisor", "people.remove Ben"]);
  db.close();
});

test("what it cannot do is one sentence, and makes no file", async () => {
  const { weir } = rig();
  expect(await weir("invite")).toMatchObject({ code: 1 });
  expect((await weir("list")).said).toMatch(/there is no .*accounts\.db; name the data folder/);
  expect(await weir("remove")).toMatchObject({ code: 2 });
  expect(await weir("invite", "--role", "boss")).toMatchObject({ code: 2 });
});
