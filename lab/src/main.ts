import { Command, InvalidArgumentError } from "commander";
import { up } from "./commands/up.js";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(130);
    console.error("\nStopping; what is half made is finished by the next up or removed by down. (Again to stop at once.)");
    interrupt.abort(new Error("interrupted"));
  });
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("a whole number, 1 or more");
  return number;
}

const program = new Command("lab").description("Real hosts on one machine: systemd, sshd, an address each, a registry, images.");

program
  .command("up")
  .description("bring the lab up, or finish bringing it up")
  .option("--hosts <number>", "how many hosts (1 to 20; 5 at first, then as many as there are)", count)
  .option("--no-images", "hosts only: no registry, no images")
  .action((options: { hosts?: number; images: boolean }) => up({ hosts: options.hosts, images: options.images, signal: interrupt.signal }));

try {
  await program.parseAsync();
} catch (error) {
  if (interrupt.signal.aborted) {
    console.error("Interrupted.");
    process.exitCode = 130;
  } else {
    console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
