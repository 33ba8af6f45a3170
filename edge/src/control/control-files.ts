/** What the control loop keeps in the data folder. */

export const latchFileName = "latched-trips";
export const learnedFileName = "learned";
