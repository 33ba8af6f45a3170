/** What the network's own words mean for whoever stands before the device. */
const texts: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there; check address and port",
  ENOTFOUND: "no host of that name",
  EAI_AGAIN: "the name cannot be looked up",
  EHOSTUNREACH: "no way to that host",
  ENETUNREACH: "no way to that network",
};

/** undefined: `reason` names no code that stands for anything but itself. */
export function networkText(reason: string): string | undefined {
  const code = Object.keys(texts).find((name) => reason.split(/\W/).includes(name));
  return code === undefined ? undefined : texts[code];
}
