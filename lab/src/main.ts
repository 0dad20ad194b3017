import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { down } from './commands/down.js';
import { images } from './commands/images.js';
import { power, type PowerAction } from './commands/power.js';
import { reset } from './commands/reset.js';
import { ssh } from './commands/ssh.js';
import { status } from './commands/status.js';
import { up } from './commands/up.js';
import { interruptible } from './interrupt.js';
import { inventoryFile } from './machine/places.js';
import { checkMachine } from './machine/requirements.js';

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return number;
}

// A reader that has seen enough (`lab status | head`) is no reason to fail, nor to leave a lab half made.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('lab').description(
  'Real hosts on one machine: systemd, sshd, an address each, a registry, images.',
);

program.hook('preAction', checkMachine);

program
  .command('up')
  .description('bring the lab up, or finish bringing it up')
  .option('--hosts <number>', 'how many hosts (1 to 20; 5 at first, then as many as there are)', count)
  .option('--no-images', 'hosts only: no registry, no images')
  .action((options: { hosts?: number; images: boolean }) =>
    interruptible((signal) => up({ hosts: options.hosts, images: options.images, signal })),
  );

program
  .command('down')
  .description('take the lab away; images and packages are kept for the next time')
  .option('--purge', 'take those away too')
  .action((options: { purge?: boolean }) => interruptible((signal) => down({ purge: options.purge === true, signal })));

program.command('status').description('the lab on one screen').action(status);

program
  .command('images')
  .argument('[image...]', 'NAME or NAME:VERSION')
  .description("build images and push them to the lab's registry; without names, list them")
  .action((words: string[]) => interruptible((signal) => images(words, signal)));

const powers: Readonly<Record<PowerAction, string>> = {
  stop: 'shut hosts down in order; what is on their disks stays',
  start: 'boot stopped hosts',
  kill: "cut hosts' power",
};
for (const [action, description] of Object.entries(powers) as [PowerAction, string][]) {
  program
    .command(action)
    .argument('<host...>')
    .description(description)
    .action((names: string[]) => interruptible((signal) => power(action, names, signal)));
}

program
  .command('reset')
  .argument('[host...]')
  .description('replace hosts by fresh ones with the same names and addresses; without names, all of them')
  .action((names: string[]) => interruptible((signal) => reset(names, signal)));

program
  .command('ssh')
  .argument('<host>', 'node1, or user@node1 (ops, opspw, root)')
  .argument('[command...]', 'after --')
  .description('log in to a host, or run a command on it')
  .action(ssh);

program
  .command('inventory')
  .description("print the path of the lab's inventory")
  .action(() => {
    if (!existsSync(inventoryFile)) throw new Error('the lab is not up; "npm run lab -- up" brings it up');
    console.log(inventoryFile);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
