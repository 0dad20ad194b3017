import { InputError, type Diagnostic } from '../core/diagnostic.js';
import { UnreachableError } from '../core/errors.js';
import { exitCode } from '../core/exit-code.js';
import { renderDiagnostics } from '../core/render-diagnostic.js';
import { visible } from '../core/visible.js';
import { isEncrypted } from '../secrets/keyring.js';
import { readAsWritten } from './node-files.js';
import { colorsFor, printError } from './terminal.js';

/** Says what ended the program and gives the exit code: mistakes of the user with their places, ours with a plea to report. */
export function reportError(error: unknown): number {
  if (error instanceof InputError) {
    printDiagnostics(error.diagnostics);
    return exitCode.badInput;
  }
  if (error instanceof UnreachableError) {
    printError(visible(error.message));
    if (error.hint !== undefined) printError(`hint: ${visible(error.hint)}`);
    return exitCode.unreachable;
  }
  printError('This is a mistake in runner, not in your files. Please report it with these lines:');
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCode.hostFailed;
}

/** Diagnostics on standard error, with the lines quoted. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  printError(renderDiagnostics(diagnostics, readSource, { color: colorsFor({}, process.stderr).isColorSupported }));
}

/** The text of a user's file for quoting; undefined for what is no readable file. */
export function readSource(file: string): string | undefined {
  try {
    const text = readAsWritten(file);
    // The lines of a decrypted file are not for the terminal.
    return text === undefined || isEncrypted(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
