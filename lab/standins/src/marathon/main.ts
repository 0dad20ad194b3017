import { endOnSignals, exitWith } from '../shared/exit.js';
import { createLog } from '../shared/log.js';
import { bakedVersion } from '../shared/version.js';
import { marathonConfig } from './config.js';
import { startMarathon, type RunningMarathon } from './marathon.js';

const version = bakedVersion(process.env, '1.8.222');
const log = createLog(`marathon ${version}`);
log("this is a lab stand-in, not Mesosphere's Marathon");
let running: RunningMarathon | undefined;
// Like the JVM's shutdown hook: the session is closed, so the next leader need not wait for it to time out.
endOnSignals(() => running?.stop());
try {
  const config = marathonConfig({ version, env: process.env, argv: process.argv.slice(2) });
  running = await startMarathon({ config, log, onFatal: (error) => exitWith(error, log) });
} catch (error) {
  exitWith(error, log);
}
