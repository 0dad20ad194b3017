import { ModuleFailure } from '../types.js';

/** What the engine answered to a request that it refused: its HTTP status, undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** Turns what the engine refused into a ModuleFailure with the engine's own words. */
export function engineFailure(error: unknown, doing: string): ModuleFailure {
  if (error instanceof ModuleFailure) return error;
  return new ModuleFailure(`${doing}: ${engineWords(error)}`);
}

/** The engine's own words of an error. */
export function engineWords(error: unknown): string {
  const said = (error as { readonly json?: { readonly message?: unknown } } | undefined)?.json?.message;
  if (typeof said === 'string') return said;
  const message = error instanceof Error ? error.message : String(error);
  // docker-modem puts the status before what the engine said.
  return message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}

/** Runs a request; an object that is not there (404) gives undefined. */
export async function unlessMissing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
