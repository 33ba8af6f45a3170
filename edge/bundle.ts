/**
 * Makes what a gateway installs: the agent and its threads as a few plain JavaScript files. A bundle
 * starts faster and is half the memory of the sources, because no compiler runs in any thread.
 */
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

const src = (file: string): string => join(import.meta.dirname, "src", file);
const dist = join(import.meta.dirname, "dist");

/** The launcher, the program, and each thread's program by the name under which `new Worker` asks for it. */
const input = {
  "weir-edge": src("../bin/weir-edge.js"),
  main: src("main.ts"),
  "control-thread": src("control/control-thread.ts"),
  "uplink-thread": src("uplink/uplink-thread.ts"),
  "analysis-thread": src("acquisition/vibration/analysis-thread.ts"),
};

/** Packages with compiled parts stay beside the bundle. */
const external = [/^better-sqlite3$/, /^@serialport\//];

await rm(dist, { recursive: true, force: true });
const bundle = await rolldown({
  input,
  platform: "node",
  external,
  plugins: [
    {
      // The bundle is flat: threads and device profiles lie beside whoever asks for them.
      name: "flat",
      transform: (code) =>
        code
          .replace(
            /new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g,
            'new URL("./$1.js", import.meta.url)',
          )
          .replace('"../../profiles/"', '"./profiles/"')
          .replace('"../src/main.ts"', '"./main.js"'),
    },
  ],
});
await bundle.write({
  dir: dist,
  format: "esm",
  // Names stay, so that a stack trace can be read.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  entryFileNames: "[name].js",
  chunkFileNames: "shared-[hash].js",
});
await cp(join(import.meta.dirname, "profiles"), join(dist, "profiles"), { recursive: true });
