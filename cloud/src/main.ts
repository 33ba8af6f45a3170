/** Starts weir-cloud on this process's words. */
import { main } from "@weir/runtime/process.ts";
import { program } from "./program.ts";

await main(program);
