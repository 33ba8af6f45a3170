/** Where a running cloud can be reached, in its data folder: {"console": url, "door": url}. */
export const addressFile = "address.json";
