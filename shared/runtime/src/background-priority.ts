/** For work that may take hours beside work that may not wait: learning gives way to everything else. */
import { setPriority } from "node:os";

/** Among equals that want the CPU all the time, about a thirtieth of a share. */
const learningNice = 15;

/**
 * Lowers the priority of the calling thread, for good; Linux keeps one for each thread, elsewhere it is the whole
 * process's and stays as it is unless `isWholeProcess`. False where the system does not allow it.
 */
export function giveWay({ isWholeProcess }: { isWholeProcess: boolean }): boolean {
  if (process.platform !== "linux" && !isWholeProcess) return false;
  try {
    setPriority(0, learningNice);
    return true;
  } catch {
    return false;
  }
}
