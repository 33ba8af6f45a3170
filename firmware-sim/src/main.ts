/** `weir-sim`: the simulated plants on the command line. */
import { main } from "@weir/runtime/process.ts";
import { program } from "./program.ts";

await main(program);
