/**
 * CPU time of this process, milliseconds: what a task costs, whatever else the machine is doing. All
 * threads count, so a library's helpers and the compiler's are included.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
