import { Unknown } from '../../../src/template/value.js';
import {
  ModuleFailure,
  type AnyModule,
  type Comparison,
  type Controller,
  type HostReader,
  type HostWriter,
  type Look,
  type ModuleContext,
  type ModuleResult,
  type Promised,
} from '../../../src/modules/types.js';

/** What one pass of a module gave. */
export interface Pass {
  readonly comparison: Comparison;
  readonly result?: ModuleResult;
}

interface Request {
  readonly module: AnyModule;
  readonly params: unknown;
  readonly controller: Controller;
  readonly promised?: Promised;
}

/** Looks and compares, as a preview does: the host is only ever read. Failures become a failed comparison. */
export async function previewModule(host: HostReader, request: Request): Promise<Comparison> {
  try {
    const { comparison } = await lookAndCompare(host, { ...request, preview: true });
    return comparison;
  } catch (error) {
    return failedBy(error);
  }
}

/** Looks, compares and changes. */
export async function applyModule(host: HostWriter, request: Request): Promise<Pass> {
  try {
    const { comparison, context, found } = await lookAndCompare(host, { ...request, preview: false });
    if (comparison.kind !== 'change' && comparison.kind !== 'act') return { comparison };
    const changes = comparison.kind === 'change' ? comparison.changes : [];
    const result = await request.module.change(host, { ...context, found, changes });
    if (result.failed !== undefined) {
      return { comparison: { kind: 'failed', message: result.failed, values: result.values ?? {} }, result };
    }
    return { comparison, result };
  } catch (error) {
    return { comparison: failedBy(error) };
  }
}

async function lookAndCompare(
  host: HostReader,
  request: Request & { readonly preview: boolean },
): Promise<{ comparison: Comparison; context: ModuleContext<unknown, unknown>; found: unknown }> {
  const { module, controller, preview, promised } = request;
  const parsed = module.params.safeParse(request.params);
  if (!parsed.success) throw new ModuleFailure(parsed.error.issues.map((issue) => issue.message).join('; '));
  const prepared = await module.prepare?.(controller, parsed.data);
  const context = { params: parsed.data, prepared, preview, ...(promised === undefined ? {} : { promised }) };
  if (prepared instanceof Unknown) {
    return { comparison: { kind: 'unknown', reason: prepared.reason }, context, found: undefined };
  }
  const found = await runLook(host, module.look(context));
  return { comparison: module.compare(found, context), context, found };
}

async function runLook(host: HostReader, look: Look<unknown>): Promise<unknown> {
  if (look.kind === 'nothing') return look.found;
  if (look.kind === 'procedure') return look.read(host);
  const { end, stdout, stderr } = await host.query(look.script);
  if (end.kind !== 'code') throw new Error(`the look ended by ${end.kind}`);
  return look.parse({ code: end.code, stdout, stderr });
}

function failedBy(error: unknown): Comparison {
  if (!(error instanceof ModuleFailure)) throw error;
  return { kind: 'failed', message: error.message, values: error.values };
}
