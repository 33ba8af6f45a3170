/** What slave and client of the cutoff benchmark know of each other. */

/** Holding registers from 0 on, read as one block; the first is watched. */
export const registerCount = 20;
export const normalValue = 100;
export const unsafeValue = 600;
