import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { endOnSignals, exitWith } from '../shared/exit.js';
import { createLog, type Log } from '../shared/log.js';
import { bakedVersion } from '../shared/version.js';
import { startBamboo, type RunningBamboo } from './bamboo.js';
import { bambooConfig, commandLine } from './config.js';

const version = bakedVersion(process.env, '0.3.1');
const stdout = createLog(`bamboo ${version}`);
stdout("this is a lab stand-in, not QubitProducts' Bamboo");
let running: RunningBamboo | undefined;
endOnSignals(() => running?.stop());
try {
  const flags = commandLine(process.argv.slice(2));
  if (flags.log !== '') mkdirSync(dirname(flags.log), { recursive: true });
  const log: Log = (message) => {
    stdout(message);
    if (flags.log !== '') appendFileSync(flags.log, `${new Date().toISOString()} ${message}\n`);
  };
  const config = bambooConfig({ version, file: flags.config, env: process.env });
  running = await startBamboo({ config, bind: flags.bind, log, onFatal: (error) => exitWith(error, log) });
} catch (error) {
  exitWith(error, stdout);
}
