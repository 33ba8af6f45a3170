/** What the file system refuses, as one sentence. */
import { isFault } from "@weir/runtime/fault.ts";
import { SimFault } from "../faults.ts";

/** @throws Fault SIM_FILE when `work` fails for `path` */
export async function writing<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (isFault(error) || code === undefined) throw error;
    throw new SimFault("SIM_FILE", { path, why: code === "ENOENT" ? "no such folder" : message });
  }
}
