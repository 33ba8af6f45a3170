/** Who may import whom. Tiers never import each other: they speak over the wire. */
export const ladder: Record<string, readonly string[]> = {
  "shared/contracts": [],
  "shared/detectors": ["shared/contracts"],
  "shared/runtime": ["shared/contracts"],
  "shared/plants": ["shared/contracts", "shared/runtime"],
  "shared/testing": ["shared/contracts", "shared/detectors", "shared/runtime", "shared/plants"],
  "shared/ui": ["shared/contracts"],
  "firmware-sim": ["shared/contracts", "shared/runtime"],
  edge: ["shared/contracts", "shared/detectors", "shared/runtime", "shared/plants"],
  "fog/dashboard": ["shared/contracts", "shared/ui"],
  fog: ["shared/contracts", "shared/detectors", "shared/runtime", "shared/plants"],
  "cloud/console": ["shared/contracts", "shared/ui"],
  cloud: ["shared/contracts", "shared/detectors", "shared/runtime", "shared/plants"],
  demo: ["shared/contracts", "shared/runtime", "firmware-sim"],
  tools: ["firmware-sim"],
  // The two places that see all tiers.
  "hil-tests": [
    "shared/contracts",
    "shared/detectors",
    "shared/runtime",
    "shared/plants",
    "shared/testing",
    "firmware-sim",
    "edge",
    "fog",
    "cloud",
  ],
  bench: [
    "shared/contracts",
    "shared/detectors",
    "shared/runtime",
    "shared/plants",
    "shared/testing",
    "firmware-sim",
    "edge",
    "fog",
    "cloud",
  ],
};

/** Tests of any package may use these as well. */
export const testOnly: readonly string[] = ["shared/testing"];

/** Longest matching folder of the ladder, or undefined for files outside every package. */
export const packageOf = (path: string): string | undefined =>
  Object.keys(ladder)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];

/** Folder of a workspace package by its npm name. */
export const folderByName: Record<string, string> = {
  "@weir/contracts": "shared/contracts",
  "@weir/detectors": "shared/detectors",
  "@weir/runtime": "shared/runtime",
  "@weir/plants": "shared/plants",
  "@weir/testing": "shared/testing",
  "@weir/ui": "shared/ui",
  "@weir/firmware-sim": "firmware-sim",
  "@weir/edge": "edge",
  "@weir/fog": "fog",
  "@weir/dashboard": "fog/dashboard",
  "@weir/cloud": "cloud",
  "@weir/console": "cloud/console",
  "@weir/demo": "demo",
  "@weir/hil-tests": "hil-tests",
  "@weir/bench": "bench",
};
