/** Status bits of a sensor, also those of a device's status word. */
export const statusStale = 1;
export const statusLoopLow = 2;
export const statusLoopHigh = 4;
export const statusMaintenance = 8;
