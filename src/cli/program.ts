import { Command, CommanderError, Option } from 'commander';
import { exitCode } from '../core/exit-code.js';
import { addAdHocCommands } from './ad-hoc-commands.js';
import {
  linesOf,
  momentOf,
  positiveNumber,
  several,
  withLifecycleOptions,
  withConnectionOptions,
  withInventoryOptions,
  withMembershipOptions,
  withOutputOptions,
  withPlayOptions,
} from './options.js';
import { packageVersion } from './package-files.js';
import type { VaultOptions } from './vault.js';
import { addSecretCommands } from './secret-commands.js';
import { withUpgradeOptions } from './upgrade/flags.js';

const description =
  'Brings hosts into the state that playbooks describe, over SSH. A target needs sshd and a POSIX sh, nothing else.';

const exitCodesHelp = `
Exit codes:
  0 done · 1 a host failed · 2 the files or flags are wrong, nothing was touched
  3 hosts unreachable, none failed · 4 changes are pending (with --exit-code)
  5 another run holds the lock · 130 interrupted (143 by SIGTERM)`;

/** Runs a command line (without node and the script) and gives the exit code. Commands are loaded when they are chosen. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.done;
  const program = createProgram((chosen) => {
    code = chosen;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.badInput;
    const { reportError } = await import('./report-error.js');
    return reportError(error);
  }
  return code;
}

function createProgram(finish: (code: number) => void): Command {
  const program = new Command('runner')
    .description(description)
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText('after', exitCodesHelp)
    .helpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError('(`runner --help` shows what there is)')
    .exitOverride()
    .hook('preAction', async (_program, command) => {
      const { unlock } = await import('./vault.js');
      await unlock(command.opts<VaultOptions>());
    });

  program.commandsGroup('Playbooks:');
  withPlayOptions(
    program
      .command('apply')
      .description('run playbooks, or what `plan -o` has written down')
      .argument('<playbook...>', 'playbook files, or one saved plan'),
  ).action(async (playbooks: string[], options) => {
    finish(await (await import('./commands/apply.js')).apply({ playbooks, options, preview: options.check === true }));
  });
  withPlayOptions(
    program
      .command('plan')
      .description('preview playbooks: what would change, and how; touches no host')
      .argument('<playbook...>', 'playbook files')
      .option('-o, --out <file>', 'also write the plan down: `runner apply <file>` does just this, or nothing'),
  ).action(async (playbooks: string[], options) => {
    finish(
      await (
        await import('./commands/apply.js')
      ).apply({ playbooks, options: { ...options, diff: options.diff ?? true }, preview: true }),
    );
  });
  withOutputOptions(
    withInventoryOptions(
      program
        .command('validate')
        .description('find every mistake in playbooks, roles and inventory; touch nothing')
        .argument('<playbook...>', 'playbook files'),
    ),
  ).action(async (playbooks: string[], options) => {
    finish((await import('./commands/validate.js')).validate({ playbooks, options }));
  });
  withOutputOptions(
    withInventoryOptions(
      program.command('graph').description('draw plays, roles and hosts').argument('<playbook...>', 'playbook files'),
    ),
  )
    .option('--format <kind>', 'text, mermaid, dot or svg', 'text')
    .action(async (playbooks: string[], options) => {
      finish(await (await import('./commands/graph.js')).graph({ playbooks, options }));
    });

  program.commandsGroup('Cluster:');
  withUpgradeOptions(
    program
      .command('upgrade')
      .description('roll components to another version, one host at a time, with proof between the steps')
      .argument(
        '[name=version...]',
        'such as zookeeper=3.8.0 marathon=1.5.15; stations on the way: marathon=1.5.15,1.6.549',
      ),
  ).action(async (words: string[], options) => {
    finish(await (await import('./commands/upgrade.js')).upgrade({ words, options }));
  });

  program.commandsGroup('Hosts:');
  withOutputOptions(
    withInventoryOptions(program.command('inventory').description('show the inventory as it is understood')),
  )
    .option('--list', 'all groups and hosts with their variables, as JSON')
    .option('--graph', 'groups, hosts and how they nest (default)')
    .option('--host <name>', "one host's variables, as JSON")
    .action(async (options) => {
      finish((await import('./commands/inventory.js')).inventory({ options }));
    });
  withOutputOptions(
    withInventoryOptions(
      program
        .command('vars')
        .description("where a host's variables come from")
        .argument('<host>')
        .argument('[name]', 'only this variable'),
    ),
  ).action(async (host: string, name: string | undefined, options) => {
    finish((await import('./commands/vars.js')).vars({ host, ...(name === undefined ? {} : { name }), options }));
  });
  addAdHocCommands(program, finish);
  withOutputOptions(
    withConnectionOptions(
      withInventoryOptions(
        program.command('status').description('the cluster on one screen: what runs where, which version, who leads'),
      ),
    ),
  )
    .option(
      '--watch [seconds]',
      'again every so many seconds (5), in place on a terminal; Ctrl-C ends it',
      positiveNumber,
    )
    .addOption(new Option('--exit-code', 'the exit code always says whether all is well').hideHelp())
    .addHelpText(
      'after',
      '\nExit codes:\n  0 all is well · 1 something is not · 3 hosts cannot be reached and the rest is well',
    )
    .action(async (options) => {
      finish(await (await import('./commands/status.js')).status({ options }));
    });
  for (const action of ['start', 'stop', 'restart'] as const) {
    withLifecycleOptions(
      program
        .command(action)
        .description(lifecycleHelp[action])
        .argument('<component...>', 'zookeeper, mesos-master, mesos-slave, marathon, bamboo, docker; or all'),
    )
      .option('--force', 'also when what is left could not work')
      .action(async (components: string[], options) => {
        finish(await (await import('./commands/lifecycle.js')).lifecycle({ action, components, options }));
      });
  }
  withOutputOptions(
    withConnectionOptions(
      withInventoryOptions(
        program
          .command('logs')
          .description('what components say, on all their hosts at once')
          .argument('<component...>', 'zookeeper, mesos-master, mesos-slave, marathon, bamboo, docker; or all'),
      ),
    ),
  )
    .option('-f, --follow', 'go on, also with a container that takes the place of this one; Ctrl-C ends it')
    .option('--since <time>', 'from then on: a time, or how long ago (10m)', momentOf)
    .option('--tail <lines>', 'so many lines from the end, or all (100; all with --since)', linesOf)
    .option('--timestamps', 'with the time of each line')
    .action(async (components: string[], options) => {
      finish(await (await import('./commands/logs.js')).logs({ components, options }));
    });
  withLifecycleOptions(
    program
      .command('destroy')
      .description('remove the containers of components, all of them unless some are named; data and logs stay')
      .argument('[component...]', 'zookeeper, mesos-master, mesos-slave, marathon, bamboo'),
  )
    .option('--data', 'remove the folders of their data and logs as well')
    .option('--force', 'also when what is left could not work')
    .action(async (components: string[], options) => {
      finish(await (await import('./commands/destroy.js')).destroy({ components, options }));
    });
  withOutputOptions(
    withConnectionOptions(
      withInventoryOptions(
        program.command('doctor').description('what is wrong with the cluster, why it matters and what to do about it'),
      ),
    ),
  )
    .addHelpText(
      'after',
      '\nExit codes:\n  0 nothing found · 1 findings · 3 hosts cannot be reached and nothing else is wrong',
    )
    .action(async (options) => {
      finish(await (await import('./commands/doctor.js')).doctor({ options }));
    });

  withOutputOptions(
    withConnectionOptions(
      withInventoryOptions(
        program
          .command('backup')
          .description("fetch ZooKeeper's data, Marathon's apps, Bamboo's services and the rendered configuration")
          .argument('[component...]', 'only these: zookeeper, mesos-master, mesos-slave, marathon, bamboo'),
      ),
    ),
  )
    .option('--to <folder>', 'make the backup below this folder (default: .runner/backups)')
    .option(
      '--marathon-state',
      'also the backup that Marathon (1.5 and later) writes itself; its leader steps down for it',
    )
    .action(async (components: string[], options) => {
      finish(await (await import('./commands/backup.js')).backup({ components, options }));
    });

  withOutputOptions(
    withConnectionOptions(
      withInventoryOptions(
        program
          .command('restore')
          .description("put ZooKeeper's data of a backup back, and the apps and rules that are missing")
          .argument('<backup>', 'the folder of a backup')
          .argument('[component...]', 'only these: zookeeper, marathon, bamboo'),
      ),
    ),
  )
    .option('--plan', 'prove the backup, show what would be done, and stop')
    .option('--yes', 'do not ask')
    .option('--force', 'also onto another version or another size of the ensemble')
    .option('--marathon-state', "replace Marathon's whole state by the one it wrote itself (with `marathon` alone)")
    .action(async (folder: string, components: string[], options) => {
      finish(await (await import('./commands/restore.js')).restore({ folder, components, options }));
    });
  withMembershipOptions(
    program
      .command('scale-out')
      .description(
        'bring in hosts that the inventory has in its groups: members of ensembles, agents, Marathon, Bamboo',
      )
      .argument('<host...>', 'the new hosts'),
  )
    .option('--wipe-registry', 'one Mesos master becomes several: its replicated log is put aside, with an outage')
    .action(async (hosts: string[], options) => {
      finish(await (await import('./commands/scale-out.js')).scaleOut({ hosts, options }));
    });
  withMembershipOptions(
    program
      .command('scale-in')
      .description('take hosts out, member by member; they leave the inventory afterwards')
      .argument('<host...>', 'the hosts that leave'),
  ).action(async (hosts: string[], options) => {
    finish(await (await import('./commands/scale-in.js')).scaleIn({ hosts, options }));
  });
  withMembershipOptions(
    program
      .command('replace')
      .description('give what runs on one host to another; the size of every ensemble stays')
      .argument('<old>', 'the host that leaves, dead or alive')
      .argument('<new>', 'the host that takes its place'),
  )
    .option('--old-is-gone', 'the old host cannot be reached, and can never come back')
    .action(async (old: string, replacement: string, options) => {
      finish(await (await import('./commands/replace.js')).replace({ old, replacement, options }));
    });

  withOutputOptions(
    program
      .command('runs')
      .description('what was run from this folder, with what result')
      .argument('[run]', 'show one run'),
  ).action(async (run: string | undefined, options) => {
    finish((await import('./commands/runs.js')).runs({ ...(run === undefined ? {} : { run }), options }));
  });

  withOutputOptions(
    program
      .command('resume')
      .description('go on with a run that failed or was stopped: called as it was, what it did is not done again')
      .argument('[run]', 'the run to go on with (default: the last one)')
      .option('-e, --extra-vars <vars>', 'values that the run was given by -e: they are not kept', several)
      .option('-D, --diff', 'show what changes in files and settings'),
  ).action(async (run: string | undefined, options) => {
    finish(await (await import('./commands/resume.js')).resume({ ...(run === undefined ? {} : { run }), options }));
  });

  program.commandsGroup('Secrets:');
  addSecretCommands(program, finish);

  program.commandsGroup('Help:');
  program
    .command('modules')
    .description('what modules there are, or the documentation of one')
    .argument('[name]')
    .option('--schema', 'the JSON schema of its parameters, for editors')
    .action(async (name: string | undefined, options: { readonly schema?: boolean }) => {
      finish((await import('./commands/modules.js')).modules(name, options));
    });
  return program;
}

const lifecycleHelp = {
  start: 'start components, from the bottom of the stack to its top; what runs already stays as it is',
  stop: 'stop components, from the top down; refused where what is left could not work',
  restart: 'restart components member by member, the leader last, with proof between the steps',
};
