import { expect, test } from "vitest";
import { HttpFault } from "./http-fault.ts";
import { createRequestQuota } from "./request-quota.ts";

/** Work that ends when it is told to. */
const work = () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { begin: () => promise, end: () => resolve("done"), fail: () => reject(new Error("no")) };
};

test("a user has so many at once; one more is told when to come again, and another user is not", async () => {
  const quota = createRequestQuota({ ofUserMax: 2 });
  const [one, two, others] = [work(), work(), work()];
  const first = quota.run("ana", one.begin);
  const second = quota.run("ana", two.begin);
  let isBegun = false;
  const refused = await quota
    .run("ana", async () => {
      isBegun = true;
    })
    .catch((error: unknown) => error);
  expect(isBegun).toBe(false);
  expect(refused).toBeInstanceOf(HttpFault);
  expect(refused).toMatchObject({
    status: 429,
    code: "TOO_MANY_REQUESTS",
    message: "2 of your questions are still being answered; 2 at once are",
    headers: { "retry-after": "2" },
  });
  const other = quota.run("ben", others.begin);
  for (const { end } of [one, two, others]) end();
  expect(await Promise.all([first, second, other])).toEqual(["done", "done", "done"]);
});

test("a place is free again when its work ends, well or not", async () => {
  const quota = createRequestQuota({ ofUserMax: 1 });
  for (const end of ["end", "fail", "throw"] as const) {
    const held = work();
    const running = quota
      .run("ana", () => {
        if (end === "throw") throw new Error("no");
        return held.begin();
      })
      .catch((error: Error) => error.message);
    if (end !== "throw") {
      await expect(quota.run("ana", async () => "too many")).rejects.toMatchObject({ status: 429 });
      held[end]();
    }
    expect(await running).toBe(end === "end" ? "done" : "no");
    expect(await quota.run("ana", async () => "room")).toBe("room");
  }
});
