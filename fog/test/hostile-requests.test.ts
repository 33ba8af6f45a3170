/** Whatever stands in an address, a query or a body is answered with what is wrong about it, never with a bug. */
import { elementAt } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer } from "../src/historian/history-answers.ts";
import { DashboardRig, signIn } from "./dashboard-rig.ts";
import { startMs } from "./fog-rig.ts";

let rig: DashboardRig;
let robin: Awaited<ReturnType<typeof signIn>>;
/** While set, nothing about the past is answered. */
let held: Promise<void> | undefined;
beforeAll(async () => {
  rig = await new DashboardRig(undefined, undefined, undefined, {
    history: ({ historian }) => ({
      async ask(question) {
        await held;
        return answer(historian.reader, question);
      },
      close: async () => {},
    }),
  }).start();
  robin = await signIn(rig.linkFor("engineer"), "robin");
});
afterAll(() => rig.stop());

const nasty = [
  ...["", " ", "0", "-0", "-1", "1.5", "1e308", "-1e308", "1e999", "NaN", "Infinity", "0x10"],
  ...[
    "9007199254740993",
    "null",
    "undefined",
    "[]",
    "{}",
    "true",
    "%00",
    "../../etc/passwd",
    "'; --",
  ],
  ...["<script>", "ä€😀", "a".repeat(400), ",".repeat(50), "__proto__", "constructor", "toString"],
];
const queries = {
  "/api/trends": ["tags", "from", "to", "buckets"],
  "/api/incidents": ["state", "limit"],
  "/api/events": ["limit", "kinds"],
  "/api/audit": ["limit"],
};
const good: Record<string, string> = {
  tags: "edge-d/D11/CL01",
  from: `${startMs - 3_600_000}`,
  to: `${startMs}`,
  buckets: "10",
  state: "open",
  limit: "10",
  kinds: "trip",
};
const withId = [
  "/api/stages/ID",
  "/api/incidents/ID",
  "/api/waveforms/ID",
  "/api/waveforms/ID/csv",
  "/api/ID",
];

async function sound(path: string, init?: RequestInit): Promise<void> {
  const response = await robin.ask(path, init);
  const body = await response.text();
  if (response.status >= 500)
    expect.fail(`${path} ${init?.body ?? ""}: ${response.status} ${body}`);
  if (response.status < 400) return;
  const { message } = JSON.parse(body) as { message: string };
  expect(message, path).toMatch(/\S/);
}

test("queries", async () => {
  for (const [path, names] of Object.entries(queries)) {
    for (const name of names) {
      for (const value of nasty) {
        const all = Object.fromEntries(names.map((one) => [one, good[one] ?? ""]));
        await sound(`${path}?${new URLSearchParams({ ...all, [name]: value })}`);
      }
    }
  }
});

test("queries with several things wrong at once", async () => {
  const random = seeded(11);
  for (let i = 0; i < 150; i++) {
    const [path, names] = elementAt(Object.entries(queries), random.integer(4));
    const some = names.map((name): [string, string] => [
      name,
      nasty[random.integer(nasty.length)] ?? "",
    ]);
    await sound(`${path}?${new URLSearchParams(some)}`);
  }
});

test("addresses", async () => {
  for (const path of withId) {
    for (const value of nasty) await sound(path.replace("ID", encodeURIComponent(value)));
  }
});

test("bodies", async () => {
  const bodies = ["", "null", "1", '"x"', "[]", "{}", "{", '{"reason":1}', '{"choice":{}}'];
  const paths = [
    "/api/incidents/x/feedback",
    "/api/trips/edge-d/NONE/reset",
    "/api/trips/edge-d/NONE/simulate",
    "/api/rules/edge-d/NONE/proof-test",
  ];
  for (const path of paths) {
    for (const body of bodies) await sound(path, { method: "POST", body });
  }
});

test("a span that cannot be names its value and its bounds", async () => {
  const asked = async (from: string, to: string) => {
    const query = new URLSearchParams({ tags: "edge-d/D11/CL01", from, to });
    const response = await robin.ask(`/api/trends?${query}`);
    return [response.status, ((await response.json()) as { message: string }).message];
  };
  expect(await asked("-1e308", "5")).toEqual([
    400,
    '"from" "-1e308" is not a number from 0 to 253402214400000 (UTC milliseconds)',
  ]);
  expect(await asked("5", "4")).toEqual([400, '"to" 4 is not after "from" 5']);
});

test("more trends at once than a person may have are told to come again, others are served", async () => {
  const alex = await signIn(rig.linkFor("viewer"), "alex");
  const query = new URLSearchParams({ tags: good["tags"] ?? "", from: "0", to: `${startMs}` });
  const { promise, resolve: answerAll } = Promise.withResolvers<void>();
  held = promise;
  const refused = Promise.withResolvers<void>();
  let refusedCount = 0;
  const asked = Array.from({ length: 40 }, async () => {
    const response = await robin.ask(`/api/trends?${query}`);
    if (response.status === 429 && ++refusedCount === 32) refused.resolve();
    return response;
  });
  await refused.promise;
  const other = alex.ask(`/api/trends?${query}`);
  held = undefined;
  answerAll();
  expect((await other).status).toBe(200);
  const answers = await Promise.all(asked);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
  const told = answers.filter(({ status }) => status === 429);
  expect(told).toHaveLength(32);
  for (const one of told) {
    expect(one.headers.get("retry-after")).toBe("2");
    expect(((await one.json()) as { message: string }).message).toBe(
      "8 of your questions are still being answered; 8 at once are",
    );
  }
  expect((await robin.ask(`/api/trends?${query}`)).status).toBe(200);
});
