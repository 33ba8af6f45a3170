/** `weir-fog import FILE…` on the folder of a fog that does not run. */
import { program } from "@weir/fog/program.ts";
import { runProgram } from "@weir/runtime/cli.ts";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";

declareFaults({
  SIM_IMPORT: { retry: false, text: (f: { said: string }) => `weir-fog import: ${f.said}` },
});

/** @throws Fault SIM_IMPORT */
export async function takeIn(fogFolder: string, files: readonly string[]): Promise<void> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const io = { out: say, err: say, env: {}, isTTY: false };
  const code = await runProgram(program, ["import", ...files, "--data-dir", fogFolder], io);
  if (code !== 0) throw new Fault("SIM_IMPORT", { said: said.join("\n") });
}
