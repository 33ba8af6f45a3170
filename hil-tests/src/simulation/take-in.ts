/** `weir-fog import FILE…` on the folder of a fog that does not run. */
import { program } from "@weir/fog/program.ts";
import { runProgram } from "@weir/runtime/cli.ts";
import { HilFault } from "../faults.ts";

/** @throws Fault SIM_IMPORT */
export async function takeIn(fogFolder: string, files: readonly string[]): Promise<void> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const io = { out: say, err: say, env: {}, isTTY: false };
  const code = await runProgram(program, ["import", ...files, "--data-dir", fogFolder], io);
  if (code !== 0) throw new HilFault("SIM_IMPORT", { said: said.join("\n") });
}
