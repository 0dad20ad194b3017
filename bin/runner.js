#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Nearly all code of a run is used for less time than optimising it takes. V8 11 (Node 20) begins with that after a few
// calls and is told to wait nine times as long; later versions wait by themselves, and have no such flag.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=600000');
// Compiled code is kept from one start to the next where Node can (22.1 and later), in the user's own folder: never in
// one that others may write to.
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'runner', 'compiled'));
try {
  await import('../dist/cli/main.js');
} catch (error) {
  // Node opens all files of a program at once when it starts.
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
  process.stderr.write(
    'error: too few files may be open at once for this program to start: raise the limit (`ulimit -n 4096`)\n',
  );
  process.exitCode = 2;
}
