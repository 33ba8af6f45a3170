/** Sensors on an SDI-12 bus. */
import { elementAt } from "@weir/contracts/elements.ts";
import { durationText, type Scan, type ScanResult, waysOf } from "./scan.ts";
import { type Sdi12Found, sdi12SweepMs, sweepAddresses } from "./sdi12-sweep.ts";

export async function scanSdi12(scan: Scan): Promise<ScanResult> {
  const { settings, report } = scan;
  const { addresses, timeoutMs } = settings;
  const way = elementAt(
    waysOf(scan, () => 7),
    0,
  );
  const mostMs = sdi12SweepMs(addresses, timeoutMs);
  report({ event: "plan", addresses: addresses.length, takesMs: mostMs }, [
    `asks ${addresses.length} addresses: about ${durationText(mostMs)}, and what the sensors take to measure`,
  ]);
  const onFound = (found: Sdi12Found) =>
    report({ event: "sensor", connection: way.keys, ...found }, sensorLines(found));
  const swept = await sweepAddresses(
    { addresses, firstByteMs: timeoutMs, onFound },
    { ...scan, open: way.open },
  );
  if (!swept.ok) return swept;
  const advice =
    "no sensor answered: check the 12 V supply, ground and data wires, that the adapter can send a break, and --addresses all";
  return { ok: true, count: swept.count, advice };
}

function sensorLines({ address, identity, measured }: Sdi12Found): string[] {
  const who = identity
    ? `${identity.vendor} ${identity.model} ${identity.revision} ${identity.serial}, SDI-12 v${identity.version}`
    : "says nothing of itself";
  const values = measured.ok
    ? measured.values.map((value, i) => `value ${i + 1}: ${value}`).join("  ")
    : `does not measure: ${measured.text}`;
  return [`  address ${address}  ${who.replace(/\s+/g, " ")}`, `    ${values}`];
}
