/**
 * Runs a command of the lab that the user may interrupt: the first signal asks it to stop, the second ends the process.
 * @returns what the command returned; the exit code is set to 130 when it was interrupted
 */
export async function interruptible(command: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(130);
    console.error(
      '\nStopping. What is half made is finished by the next up or removed by down. (Once more to stop at once.)',
    );
    interrupt.abort(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await command(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error('Interrupted.');
    process.exitCode = 130;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}
