/** The version this cloud calls itself by. */
export const cloudVersion = "0.1.0";
