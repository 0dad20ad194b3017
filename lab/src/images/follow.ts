import type Docker from 'dockerode';
import type { Step } from '../step.js';

/** One message of the engine's progress stream, as far as the lab reads it. */
interface Message {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** What the engine paints a build's error lines with. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const colours = /\u001b\[[0-9;]*m/g;

/** Follows a build, push or import to its end, saying what it does. @throws when the engine reports an error in the stream */
export async function follow(docker: Docker, stream: NodeJS.ReadableStream, step: Step): Promise<void> {
  const stop = (): void => {
    (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
  };
  step.signal.addEventListener('abort', stop, { once: true });
  const said: string[] = [];
  try {
    await new Promise<void>((done, fail) => {
      stream.once('close', () => (step.signal.aborted ? fail(step.signal.reason) : done()));
      docker.modem.followProgress(
        stream,
        (error: Error | null, messages: readonly Message[] | null) => {
          const failed = messages?.find((message) => message.error !== undefined)?.error;
          if (error !== null) fail(error);
          else if (failed !== undefined) fail(new Error(`${failed}\n${said.slice(-15).join('\n')}`));
          else done();
        },
        (message: Message) => {
          const line = (message.stream ?? [message.status, message.id].filter(Boolean).join(' '))
            .replace(colours, '')
            .trim();
          if (line === '') return;
          said.push(line);
          step.say(line);
        },
      );
    });
  } finally {
    step.signal.removeEventListener('abort', stop);
  }
}
