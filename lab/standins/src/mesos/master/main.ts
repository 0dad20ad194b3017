import { endOnSignals, exitWith } from '../../shared/exit.js';
import { createLog } from '../../shared/log.js';
import { bakedVersion } from '../../shared/version.js';
import { openLog } from '../setup.js';
import { masterConfig } from './config.js';
import { startMaster } from './master.js';

const version = bakedVersion(process.env, '1.9.0');
const stdout = createLog(`mesos-master ${version}`);
stdout('this is a lab stand-in, not Apache Mesos');
// Like the real one, it leaves its ZooKeeper session to time out when it is told to end.
endOnSignals(() => undefined);
try {
  const config = masterConfig({ version, env: process.env, argv: process.argv.slice(2) });
  if (config.flags.boolean('version', false)) {
    process.stdout.write(`mesos ${version}\n`);
    process.exit(0);
  }
  const log = openLog({ program: 'mesos-master', flags: config.flags, stdout });
  for (const warning of config.flags.warnings) log(warning);
  await startMaster({ config, log, onFatal: (error) => exitWith(error, stdout) });
} catch (error) {
  exitWith(error, stdout);
}
