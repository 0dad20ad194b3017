import { endOnSignals, exitWith } from '../../shared/exit.js';
import { createLog } from '../../shared/log.js';
import { bakedVersion } from '../../shared/version.js';
import { openLog } from '../setup.js';
import { startAgent } from './agent.js';
import { agentConfig } from './config.js';

const version = bakedVersion(process.env, '1.9.0');
const stdout = createLog(`mesos-slave ${version}`);
stdout('this is a lab stand-in, not Apache Mesos');
endOnSignals(() => undefined);
try {
  if (process.argv.includes('--version')) {
    process.stdout.write(`mesos ${version}\n`);
    process.exit(0);
  }
  const config = agentConfig({ version, env: process.env, argv: process.argv.slice(2) });
  const log = openLog({ program: 'mesos-slave', flags: config.flags, stdout });
  for (const warning of config.flags.warnings) log(warning);
  await startAgent({ config, log, onFatal: (error) => exitWith(error, stdout) });
} catch (error) {
  exitWith(error, stdout);
}
