import { expect, test, vi } from "vitest";
import { needs } from "./conditions.ts";

test("what is there is told with its path", () => {
  const python = needs("python");
  if (python.present) expect(python).toEqual({ present: true, how: "python3", path: "python3" });
});

test("what is absent is told once with a way to get it, and fails in CI", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  vi.stubEnv("PATH", "/nowhere");
  vi.stubEnv("CI", "");
  expect(needs("socat")).toEqual({ present: false, how: "apt-get install socat", path: "" });
  needs("socat");
  expect(write.mock.calls).toEqual([
    ["SKIPPED: needs socat, which is not here: apt-get install socat\n"],
  ]);
  vi.stubEnv("CI", "1");
  expect(() => needs("mosquitto")).toThrow(
    "CI promises mosquitto, but it is not here: apt-get install mosquitto",
  );
  vi.unstubAllEnvs();
  write.mockRestore();
});
