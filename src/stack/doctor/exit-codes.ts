import type { ServiceName } from '../status/types.js';

/** What Marathon means by its exit codes (its docs/exit-codes.md). */
const marathonCodes: Readonly<Record<number, string>> = {
  100: 'it lost its connection to ZooKeeper',
  101: 'it could not connect to ZooKeeper',
  103: 'it lost the leadership',
  105: 'it gave up the leadership in good order, which is no fault',
  108: 'Mesos does not know its framework id any more',
  109: 'its libmesos does not fit the masters',
  110: 'its framework was torn down in Mesos',
  111: 'its port is in use by another program',
};

/** What the engine and the shell mean by theirs. */
const commonCodes: Readonly<Record<number, string>> = {
  0: 'it was stopped, or came to its end by itself',
  125: 'the engine could not run it',
  126: 'its program may not be executed',
  127: 'its program is not in the image',
  137: 'it was killed (SIGKILL): the kernel for want of memory, or somebody by hand',
  139: 'it crashed (SIGSEGV)',
  143: 'it was stopped (SIGTERM)',
};

const youngEnsemble = /No snapshot found, but there are log entries/;

/** An exit code in words, with what the program last said about it; undefined when neither tells anything. */
export function exitMeaning(
  component: ServiceName,
  { exitCode, lastWords }: { readonly exitCode: number; readonly lastWords: string },
): string | undefined {
  if (component === 'zookeeper' && youngEnsemble.test(lastWords))
    return 'it finds transactions but no snapshot: 3.5 and later refuse the data of a young 3.4';
  if (component === 'zookeeper' && /My id \d+ not in the peer list/.test(lastWords))
    return 'its own id is not in its zoo.cfg';
  if (/Address already in use|BindException/.test(lastWords)) return 'a port it wants is in use by another program';
  if (/No space left on device/.test(lastWords)) return 'its disk is full';
  const own = component === 'marathon' ? marathonCodes[exitCode] : undefined;
  return own ?? commonCodes[exitCode];
}

/** Whether ZooKeeper died of the data of a young 3.4. */
export function wantsSnapshot(lastWords: string): boolean {
  return youngEnsemble.test(lastWords);
}

/** The last complaint in a log; without one its last line, unless it is known already why the program ended. */
export function lastLine(text: string, { isExplained }: { readonly isExplained: boolean }): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // That a program ends is known already; what it ended of is said before.
  const complaint = lines.findLast(
    (line) => /ERROR|FATAL|Exception|rror:|panic/.test(line) && !/Exiting JVM/.test(line),
  );
  return (complaint ?? (isExplained ? undefined : lines.at(-1)) ?? '').trim().slice(0, 300);
}
