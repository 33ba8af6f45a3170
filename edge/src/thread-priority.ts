/**
 * Which thread of the agent goes first when the CPU is short. Linux keeps a nice value for each thread;
 * a thread may lower its own, and raise it where the service may (LimitNICE, CAP_SYS_NICE).
 */
import { setPriority } from "node:os";

/** Control goes before whatever else runs on the gateway. */
const controlNice = -10;
/** Uplink and analysis get a third of the share that control gets without any right. */
const backgroundNice = 5;

export type ThreadRole = "control" | "background";

/** For the calling thread; false where the system does not allow it. */
export function takePriority(role: ThreadRole): boolean {
  try {
    setPriority(0, role === "control" ? controlNice : backgroundNice);
    return true;
  } catch {
    return false;
  }
}
