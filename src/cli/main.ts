import { runCommandLine } from './program.js';

// A reader that has seen enough (`| head`) ends the output, not the work on the hosts.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2));
