/** What must hold in every simulated run. */
import type { FaultDriver } from "./fault-driver.ts";
import type { World } from "./world.ts";

export interface Checked {
  world: World;
  driver: FaultDriver;
}

/** One promise. Text: how it is broken. */
export interface Check {
  name: string;
  /** After every plant-hour, whatever is broken just then. */
  hourly?(run: Checked): string | undefined | Promise<string | undefined>;
  /** When everything has been mended and nothing is on its way any more. */
  atEnd?(run: Checked): string | undefined | Promise<string | undefined>;
}
