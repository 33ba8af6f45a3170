/** The page of reference of the edge's files, out of the declarations that read them; kept in docs/edge. */
import { fileURLToPath } from "node:url";
import { settingsReference } from "@weir/runtime/settings-reference.ts";
import { edgeDocument } from "./document.ts";
import { profileDocument } from "./document-device.ts";
import { safetyDocument } from "./document-safety.ts";

export const edgeReferenceFile = fileURLToPath(
  new URL("../../../docs/edge/settings.md", import.meta.url),
);

export const edgeReferenceText = (): string =>
  settingsReference({
    title: "Settings of an edge",
    about:
      "Every key of the files that an edge reads, written by `npm run generate` from the declarations that check them. What they are for: [connections](connections.md), [safety](safety.md), [detection](detection.md), [operations](operations.md).",
    files: [
      { title: "edge.yaml", table: edgeDocument },
      { title: "A device profile", table: profileDocument },
      { title: "A safety document", table: safetyDocument },
    ],
  });
