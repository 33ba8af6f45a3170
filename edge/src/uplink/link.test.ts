import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backoffMaxMs,
  backoffMs,
  firstLink,
  type Happening,
  type Link,
  nextLink,
  settledAfterMs,
} from "./link.ts";
import { explainTrouble } from "./link-trouble.ts";

const trouble = { kind: "closed", text: "" };
const happenings: Happening[] = [
  { what: "start" },
  { what: "retry-due" },
  { what: "connected" },
  { what: "greeted" },
  { what: "lost", trouble, livedMs: 60_000 },
  { what: "stop" },
];

const walk = (path: readonly Happening["what"][]): [Link, string[]] => {
  let link = firstLink;
  const done: string[] = [];
  for (const what of path) {
    const happening = happenings.find((each) => each.what === what) as Happening;
    const [next, effects] = nextLink(link, happening);
    link = next;
    done.push(...effects.map((effect) => effect.do));
  }
  return [link, done];
};

describe("the link", () => {
  test("the straight way up", () => {
    expect(walk(["start", "connected", "greeted"])).toEqual([
      { at: "live", attempt: 0 },
      ["dial", "greet", "report", "drain"],
    ]);
  });

  test("each failed attempt waits longer, and so does one thrown out at once; one that lived starts over", () => {
    const lost = (livedMs: number): Happening => ({ what: "lost", trouble, livedMs });
    const trying: Link = { at: "connecting", attempt: 1 };
    const live: Link = { at: "live", attempt: 1 };
    expect(nextLink(trying, lost(0))[0]).toEqual({ at: "offline", attempt: 2 });
    expect(nextLink(live, lost(settledAfterMs - 1))[0]).toEqual({ at: "offline", attempt: 2 });
    expect(nextLink(live, lost(settledAfterMs))[0]).toEqual({ at: "offline", attempt: 0 });
    expect(nextLink(live, lost(0))[1].map((effect) => effect.do)).toEqual([
      "hang-up",
      "report",
      "wait",
    ]);
  });

  test("never two dials without a loss between, and nothing after stop", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...happenings.map((h) => h.what))), (path) => {
        let dials = 0;
        let link = firstLink;
        for (const what of path) {
          const before = link;
          const [next, effects] = nextLink(
            link,
            happenings.find((each) => each.what === what) as Happening,
          );
          link = next;
          if (before.at === "stopped") expect(effects).toEqual([]);
          if (next.at === "offline") dials = 0;
          dials += effects.filter((effect) => effect.do === "dial").length;
          expect(dials).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("back-off doubles to the ceiling and is never below half of it", () => {
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(40, 1)).toBe(backoffMaxMs);
    expect(backoffMs(40, 0)).toBe(backoffMaxMs / 2);
  });
});

test.each([
  [{ code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND fog" }, "name-not-found"],
  [{ code: "ECONNREFUSED", message: "connect ECONNREFUSED" }, "unreachable"],
  [{ code: "CERT_HAS_EXPIRED", message: "certificate has expired" }, "certificate-time"],
  [{ code: "EPROTO", message: "x:SSL routines:f:tlsv1 alert unknown ca:file" }, "edge-not-trusted"],
  [{ message: "Connection refused: Not authorized", code: 5 }, "refused"],
  [undefined, "other"],
])("%o is %s", (error, kind) => {
  const explained = explainTrouble(
    error && Object.assign(new RangeError(), error),
    "mqtts://fog:8883",
  );
  expect(explained.kind).toBe(kind);
  expect(explained.text).not.toMatch(/undefined/);
});
