/** `weir-cloud renew-signing-key`: a new key where the old one is lost or has fallen into wrong hands. */

import { systemClock } from "@weir/runtime/clock.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { signingKeyFile } from "../cloud-keys.ts";
import { renewSigningKey } from "../model-registry/signing-key.ts";
import { noteCommand } from "./command-audit.ts";
import { dataDirDefault } from "./settings-of.ts";

export const renewKey = command({
  about:
    "Makes a new signing key while the cloud is stopped and sets the old one aside; every site must then be enrolled again.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  async run(args, io) {
    const dataDir = openDataDir(args.dataDir ?? dataDirDefault);
    try {
      const atMs = systemClock().nowMs();
      const { aside } = renewSigningKey(signingKeyFile(dataDir.path), atMs);
      const detail = aside === undefined ? "there was none" : `the old one is ${aside}`;
      noteCommand(dataDir.path, { action: "signing-key.renew", subject: "", detail });
      io.out(
        args.json
          ? JSON.stringify({ event: "signing-key", aside: aside ?? null })
          : `a new signing key; ${detail}. Sites trust the old one until each is enrolled again: weir-cloud enrol-site SITE`,
      );
      return 0;
    } finally {
      dataDir.close();
    }
  },
});
