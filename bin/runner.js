#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The system's resolver holds a thread for as long as a name server is silent; files are read by the same threads, of which
// Node has four unless told otherwise before the first is used.
process.env.UV_THREADPOOL_SIZE ??= '64';

// Compiled code is kept from one start to the next where Node can (22.1 and later), in the user's own folder: never in
// one that others may write to.
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'runner', 'compiled'));
await import('../dist/cli/main.js');
