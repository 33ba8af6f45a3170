/** The version this fog calls itself by. */
export const fogVersion = "0.1.0";
