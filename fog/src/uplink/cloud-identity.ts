/** The folder that `weir-cloud enrol-site <site> --out DIR` writes: who this site is to the cloud. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FogFault } from "../faults.ts";

export interface CloudIdentity {
  site: string;
  /** "https://cloud.example:8443" */
  url: string;
  caPem: string;
  certPem: string;
  keyPem: string;
  /** Ed25519 public key that signs models and thresholds. */
  cloudKeyPem: string;
}

/** @throws Fault FOG_CLOUD_IDENTITY */
export function readCloudIdentity(folder: string, site: string): CloudIdentity {
  const read = (name: string): string => {
    const file = join(folder, name);
    if (!existsSync(file))
      throw new FogFault("FOG_CLOUD_IDENTITY", { file, why: "it does not exist" });
    return readFileSync(file, "utf8");
  };
  const file = join(folder, "identity.json");
  const { site: named, url } = parse(file, read("identity.json"));
  if (named !== site) {
    throw new FogFault("FOG_CLOUD_IDENTITY", {
      file,
      why: `it is for site ${named}, this is ${site}`,
    });
  }
  return {
    site,
    url,
    caPem: read("ca.pem"),
    certPem: read("cert.pem"),
    keyPem: read("key.pem"),
    cloudKeyPem: read("cloud-key.pem"),
  };
}

function parse(file: string, text: string): { site: string; url: string } {
  try {
    const { site, url } = JSON.parse(text) as { site?: unknown; url?: unknown };
    if (typeof site === "string" && typeof url === "string" && /^https?:\/\//.test(url)) {
      return { site, url };
    }
  } catch {
    // Told below.
  }
  throw new FogFault("FOG_CLOUD_IDENTITY", {
    file,
    why: 'it must hold {"site": …, "url": "https://…"}',
  });
}
