import { type ChildProcess, spawn } from 'node:child_process';
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import pLimit from 'p-limit';

/**
 * Names asked for at once in this process: the system's resolver cannot be told to stop, and holds one of Node's few threads
 * for as long as a name server is silent (libuv lets half of four go to it).
 */
const limitHere = pLimit(2);
/** After this time (ms) a name server counts as slow, and another process asks from then on. */
const patience = 500;
/** Threads of that process; half of them ask. */
const helperThreads = '128';

type Answer = Parameters<LookupFunction>[2];

let slow = false;

/** The system's resolver, at which no name waits for another's; one whose connection was given up is not asked for. */
export function lookupUntil(signal: AbortSignal): LookupFunction {
  return (name, options, answer) => {
    let answered = false;
    const tell: Answer = (error, address, family) => {
      if (answered) return;
      answered = true;
      answer(error, address, family);
    };
    if (slow) askHelper({ name, options }, tell);
    else void limitHere(() => askHere({ name, options, signal }, tell));
  };
}

interface Question {
  readonly name: string;
  readonly options: LookupOptions;
}

function askHere(question: Question & { readonly signal: AbortSignal }, tell: Answer): Promise<void> {
  const { name, options, signal } = question;
  return new Promise((done) => {
    if (signal.aborted || slow) {
      done();
      if (!signal.aborted) askHelper({ name, options }, tell);
      return;
    }
    const timer = setTimeout(() => {
      slow = true;
      done();
      askHelper({ name, options }, tell);
    }, patience);
    lookup(name, options, (error, address, family) => {
      clearTimeout(timer);
      done();
      tell(error, address, family);
    });
  });
}

/** A program that asks for names, and is gone with its parent whatever it waits for. */
const helperSource = `const { lookup } = require('node:dns');
process.on('message', ({ id, name, options }) => {
  lookup(name, options, (error, address, family) => process.send({ id, code: error?.code, address, family }));
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));`;

interface HelperReply {
  readonly id: number;
  readonly code?: string;
  readonly address?: string | LookupAddress[];
  readonly family?: number;
}

let helper: ChildProcess | undefined;
const waiting = new Map<number, { readonly name: string; readonly tell: Answer }>();
let questions = 0;

function askHelper({ name, options }: Question, tell: Answer): void {
  helper ??= startHelper();
  questions += 1;
  waiting.set(questions, { name, tell });
  helper.send({ id: questions, name, options }, (error) => {
    if (error !== null) failAll();
  });
}

function startHelper(): ChildProcess {
  const child = spawn(process.execPath, ['-e', helperSource], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: helperThreads },
  });
  child.on('message', (message) => {
    const { id, code, address = '', family } = message as HelperReply;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (asked === undefined) return;
    asked.tell(code === undefined ? null : failure(code, asked.name), address, family);
  });
  child.on('error', failAll);
  child.on('exit', failAll);
  // Neither holds this program up; what waits for an answer does.
  child.unref();
  child.channel?.unref();
  return child;
}

function failAll(): void {
  helper = undefined;
  for (const { name, tell } of waiting.values()) tell(failure('EAI_AGAIN', name), '');
  waiting.clear();
}

function failure(code: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code });
}
