import { UnreachableError } from '../core/errors.js';
import { type CommandReply, type HostReader, type HostWriter, ModuleFailure } from '../modules/types.js';
import { joinShell, sh, type ShellText, shellSource } from '../shell/text.js';
import type { OverflowFile } from '../transport/output.js';
import type { Become, ExecResult } from '../transport/types.js';
import type { HostConnection } from './connection.js';

/** What a task asks of its host: everything runs as the same user, with the same environment, until the same signal. */
export interface HostAccess {
  readonly name: string;
  readonly address: string;
  readonly connection: HostConnection;
  readonly become: Become | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** Opens a file for all of a stream that is too long for the result. */
  readonly overflow?: (stream: 'stdout' | 'stderr') => OverflowFile;
}

/** A host that can be asked and nothing else: there is no way from here to a writer. */
export function hostReader(access: HostAccess): HostReader {
  const { become, signal } = access;
  return {
    name: access.name,
    address: access.address,
    query: async (script, options = {}) => runScript(access, { script, ...options }),
    readFile: async (path, options = {}) => {
      const session = await access.connection.session();
      const reply = await session.read({ path, signal, ...(become ? { become } : {}), ...options });
      if (reply.kind === 'lost') throw lost(access.name, reply.message);
      if (reply.kind === 'failed') throw new ModuleFailure(`cannot read ${path}: ${reply.message}`);
      return reply.kind === 'file' ? reply.bytes : undefined;
    },
  };
}

/** A host that can be changed. Only built for a task that really runs. */
export function hostWriter(access: HostAccess): HostWriter {
  const { become, signal, environment } = access;
  return {
    ...hostReader(access),
    signal,
    progress: access.progress,
    reconnect: () => {
      // Nobody waits for the end of a connection that may be half dead.
      access.connection.reset().catch(() => undefined);
    },
    run: async (script, options = {}) => {
      const { ownChannel = false, environment: added = {}, directory, ...query } = options;
      const variables = { ...environment, ...added };
      if (!ownChannel)
        return runScript({ ...access, environment: variables }, { script: inDirectory(script, directory), ...query });
      const session = await access.connection.session();
      const reply = await session.exec({
        script,
        signal,
        environment: variables,
        onLines: (lines) => access.progress(lines.at(-1) ?? ''),
        ...(access.overflow ? { overflow: access.overflow } : {}),
        ...(directory === undefined ? {} : { directory }),
        ...(become ? { become } : {}),
        ...query,
      });
      return survived(access, reply);
    },
    writeFile: async (request) => {
      const session = await access.connection.session();
      const reply = await session.write({ ...request, signal, ...(become ? { become } : {}) });
      if (reply.kind === 'lost') throw lost(access.name, reply.message);
      if (reply.kind === 'failed')
        throw new ModuleFailure(`cannot write ${request.path} (${reply.stage}): ${reply.message}`);
      const { backup, sha256 } = reply;
      return { ...(backup === undefined ? {} : { backup }), ...(sha256 === undefined ? {} : { sha256 }) };
    },
    streamFile: async (path, take) => {
      const session = await access.connection.session();
      const reply = await session.read({ path, signal, sink: take, ...(become ? { become } : {}) });
      if (reply.kind === 'lost') throw lost(access.name, reply.message);
      if (reply.kind === 'failed') throw new ModuleFailure(`cannot read ${path}: ${reply.message}`);
      return reply.kind === 'file';
    },
    open: async (command) => {
      const session = await access.connection.session();
      return session.open({ command, signal, ...(become ? { become } : {}) });
    },
  };
}

async function runScript(
  access: HostAccess,
  request: { readonly script: ShellText; readonly stdin?: Buffer; readonly timeoutSeconds?: number },
): Promise<CommandReply> {
  const session = await access.connection.session();
  const reply = await session.script({
    ...request,
    script: scriptOf(access, request.script),
    signal: access.signal,
    ...(access.become ? { become: access.become } : {}),
  });
  return survived(access, reply);
}

/** A lost connection is the host's end, whatever the module would make of it. Throws UnreachableError. */
export function survived(access: Pick<HostAccess, 'name'>, reply: ExecResult): CommandReply {
  if (reply.end.kind === 'lost') throw lost(access.name, reply.end.message);
  return reply;
}

function lost(host: string, message: string): UnreachableError {
  return new UnreachableError({ host, reason: 'lost', message });
}

/** A script as it is sent: with the task's environment. */
export function scriptOf(access: Pick<HostAccess, 'environment'>, script: ShellText): ShellText {
  const names = Object.entries(access.environment);
  if (names.length === 0) return script;
  return joinShell([
    ...names.map(([name, value]) => joinShell([shellSource(`export ${name}=`), sh`${value}`], '')),
    script,
  ]);
}

function inDirectory(script: ShellText, directory: string | undefined): ShellText {
  return directory === undefined ? script : joinShell([sh`cd -- ${directory} || exit 1`, script]);
}
