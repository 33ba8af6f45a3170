/** `weir-fog import FILE…` on the folder of a fog that does not run. */
import { importHistory } from "@weir/fog/commands/import.ts";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";

declareFaults({
  SIM_IMPORT: { retry: false, text: (f: { said: string }) => `weir-fog import: ${f.said}` },
});

/** @throws Fault SIM_IMPORT, FOG_IMPORT */
export async function takeIn(fogFolder: string, files: readonly string[]): Promise<void> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const code = await importHistory.run(
    { dataDir: fogFolder, json: false, positionals: [...files] },
    { out: say, err: say, env: {}, isTTY: false },
  );
  if (code !== 0) throw new Fault("SIM_IMPORT", { said: said.join("\n") });
}
