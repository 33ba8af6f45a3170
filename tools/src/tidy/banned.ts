/** What product code never says, what to say instead, and the few files whose business it is. */
export interface Ban {
  pattern: RegExp;
  use: string;
  /** Paths (prefixes or whole) that may. */
  except: readonly string[];
}

export const bans: readonly Ban[] = [
  { pattern: /\bDate\.now\(/, use: "clock.nowMs()", except: ["shared/runtime/src/clock.ts"] },
  { pattern: /\bnew Date\(\)/, use: "clock.nowMs()", except: [] },
  {
    pattern: /\bperformance\.now\(/,
    use: "clock.monotonicMs()",
    except: ["shared/runtime/src/clock.ts"],
  },
  { pattern: /\bMath\.random\(/, use: "a seeded Random", except: [] },
  {
    pattern: /(?<![.\w])setTimeout\(/,
    use: "clock.after(ms, task)",
    except: ["shared/runtime/src/clock.ts"],
  },
  { pattern: /(?<![.\w])setInterval\(/, use: "every(clock, ms, task)", except: [] },
  {
    pattern: /(?<![.\w"])console\.(log|error|warn|info|debug|trace)\b/,
    use: "the injected Logger",
    except: [],
  },
  { pattern: /(:|as|<) any\b/, use: "unknown, then narrow", except: [] },
  { pattern: /\bthrow new Error\(/, use: "a Fault with a code, or an assertion", except: [] },
  {
    pattern: /\b(FIX|TO)ME\b|\bTODO\b|\bXXX\b/,
    use: "finish it before merging",
    except: ["tools/"],
  },
];

/** Programs for people at a terminal or a browser, with real time by nature. */
export const outsideProduct: readonly string[] = [
  "tools/",
  "demo/",
  "bench/",
  "hil-tests/",
  "shared/testing/",
  "fog/dashboard/",
  "cloud/console/",
  "shared/ui/",
];

/** A library is imported by its adapter alone. Patterns are matched against whole paths. */
export const adapters: Record<string, readonly RegExp[]> = {
  aedes: [/^fog\/src\/broker\/.*aedes.*\.ts$/],
  mqtt: [/^edge\/src\/(uplink|mqtt)\/.*mqtt.*\.ts$/],
  "better-sqlite3": [/^shared\/runtime\/src\/sql\.better-sqlite3\.ts$/],
  fastify: [/^shared\/runtime\/src\/web\//],
  "@fastify/cookie": [/^shared\/runtime\/src\/web\//],
  "@fastify/static": [/^shared\/runtime\/src\/web\//],
  "prom-client": [/^shared\/runtime\/src\/metrics/],
  "@peculiar/x509": [/^shared\/runtime\/src\/pki/],
  yaml: [/^shared\/runtime\/src\//, /^firmware-sim\/src\/.*yaml/],
  "@serialport/bindings-cpp/dist/load-bindings.js": [
    /^edge\/src\/acquisition\/channel\.serialport\.ts$/,
  ],
  "modbus-serial": [/^firmware-sim\/src\/.*modbus.*\.ts$/],
  "onnxruntime-node": [/onnxruntime[^/]*\.ts$/],
  "@duckdb/node-api": [/^cloud\/src\/.*duckdb.*\.ts$/],
  hyparquet: [/parquet[^/]*\.ts$/],
  "hyparquet-writer": [/parquet[^/]*\.ts$/],
  "@connectrpc/connect": [/^(fog|cloud)\/src\/.*connect.*\.ts$/],
  "@connectrpc/connect-node": [/^(fog|cloud)\/src\/.*connect.*\.ts$/],
};
