import { describe, expect, test } from "vitest";
import { parseOptions } from "./options.ts";

describe("the demo's command line", () => {
  test("has a default for everything", () => {
    expect(parseOptions([])).toMatchObject({
      ok: true,
      options: {
        plant: "water-works",
        speed: 60,
        scenario: "story",
        seed: 42,
        ports: 8100,
        json: false,
      },
    });
  });

  test("reports all faults at once, with the value and the bound", () => {
    expect(parseOptions(["--speed", "1e9", "--seed", "x", "--ports", "80"])).toEqual({
      ok: false,
      problems: [
        "--speed 1e9 is not a whole number from 1 to 300",
        "--seed x is not a whole number from 0 to 4294967295",
        "--ports 80 is below 1024, which only root may use",
      ],
    });
  });

  test("names an unknown option and where to look", () => {
    expect(parseOptions(["--sped", "3"])).toMatchObject({
      ok: false,
      problems: [expect.stringContaining("--sped")],
    });
  });
});
