/** What an edge rests its word on an output on, as its `detail` says; and the words for it at every tier. */

/** The machine showed it. */
export const byFeedback = "feedback";
/** The device gave back what was written: the machine behind it may not have moved. */
export const byReadBack = "read back";
/** Neither can be asked: it was written, and more is not known. */
export const unchecked = "nothing shows whether it followed";

/** After "confirmed by": an edge of an earlier version told no more than that it was confirmed. */
export const confirmedBy = (detail: string): string =>
  detail === byReadBack ? "reading it back" : "feedback";
