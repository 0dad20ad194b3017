import { defineModule, params } from './support/define.js';
import { failureOf, outputValues, outputWarnings } from './support/command-result.js';
import { alias, choice, text } from './support/fields.js';
import { idleJob, isJobId, jobStateScript, type JobState, parseJobState, removeJobScript } from './support/job.js';
import { type HostReader, ModuleFailure } from './types.js';

/** Tells how a job stands that a task with `async` and `poll: 0` started. */
export const asyncStatus = defineModule({
  name: 'async_status',
  summary: 'Tells whether a job that was started with `async` and `poll: 0` has ended, and what it said.',
  params: params({
    jid: alias(text("The job's id, `ansible_job_id` in the result of the task that started it."), 'job'),
    mode: choice(['status', 'cleanup'], 'Asks, or removes what the job left on the host.').default('status'),
  }),
  freeForm: 'jid',
  look: ({ params }) => {
    if (!isJobId(params.jid)) throw new ModuleFailure(`${params.jid} is no id of a job`);
    return {
      kind: 'procedure',
      read: async (host) => {
        return { state: params.jid === idleJob ? idle : await stateOf(params.jid, host), host };
      },
    };
  },
  compare({ state, host }, { params }) {
    const known = { ansible_job_id: params.jid, started: true };
    if (params.mode === 'cleanup') {
      return state.kind === 'unknown' || params.jid === idleJob
        ? { kind: 'same' }
        : { kind: 'change', changes: [{ part: 'job', before: params.jid }] };
    }
    switch (state.kind) {
      case 'unknown':
        return {
          kind: 'failed',
          message: `there is no job ${params.jid} on this host`,
          values: { ...known, started: false },
        };
      case 'running':
        return { kind: 'same', values: { ...known, finished: false } };
      case 'ended':
        return ended(state.reply, { host, known });
    }
  },
  async change(host, { params }) {
    await host.run(removeJobScript(params.jid));
    return { values: { ansible_job_id: params.jid, erased: true } };
  },
});

const idle: JobState = {
  kind: 'ended',
  reply: { end: { kind: 'code', code: 0 }, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) },
};

async function stateOf(id: string, host: HostReader): Promise<JobState> {
  const { stdout, stderr, end } = await host.query(jobStateScript(id));
  return parseJobState({ code: end.kind === 'code' ? end.code : 1, stdout, stderr });
}

type Ended = Parameters<typeof failureOf>[0];

function ended(
  reply: Ended,
  options: { readonly host: HostReader; readonly known: Readonly<Record<string, string | boolean>> },
) {
  const { host, known } = options;
  const values = { ...known, finished: true, ...outputValues(reply) };
  const message =
    reply.end.kind === 'timeout' ? 'the job did not end in its time and was stopped' : failureOf(reply, host);
  if (message !== undefined) return { kind: 'failed' as const, message, values };
  return { kind: 'same' as const, values: { ...values, warnings: [...outputWarnings(reply)] } };
}
