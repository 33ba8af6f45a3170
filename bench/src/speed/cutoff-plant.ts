/** What slave, client and load of the cutoff benchmark know of each other. */

/** Holding registers from 0 on, read as one block; the first is watched. */
export const registerCount = 20;
export const normalValue = 100;
export const unsafeValue = 600;

/** Where trips are stored: on the machine's disk, or on one that says after a while that it is full. */
export type Disk = "own" | "full";
/** What flash in a gateway may take for one fdatasync, milliseconds. */
export const slowDiskMs = 20;

/** What another thread of the process does: an uplink with a backlog, or only arithmetic. */
export type Load = "uplink" | "arithmetic";
