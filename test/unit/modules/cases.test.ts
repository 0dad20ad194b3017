import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { findModule } from '../../../src/modules/index.js';
import { Promises } from '../../../src/modules/promises.js';
import type { Comparison } from '../../../src/modules/types.js';
import { fingerprintTree, plantTree, readTreeAs, treeSchema } from './host-tree.js';
import { localController } from './local-controller.js';
import { localHost, localShells } from './local-host.js';
import { applyModule, previewModule } from './run-module.js';

/*
 * Each file in test/cases/modules holds the cases of the module it is named after: what is on a host, what is asked,
 * what a preview says of it, and what is on the host afterwards. ROOT stands for the folder that plays the host.
 */
const kinds = ['same', 'change', 'act', 'unknown', 'failed'] as const;
const caseSchema = z.strictObject({
  name: z.string(),
  host: treeSchema.default({}),
  controller: treeSchema.default({}),
  variables: z.record(z.string(), z.unknown()).default({}),
  promised: z.array(z.string()).default([]),
  params: z.unknown(),
  /** What a preview says; default `change`, or `failed` when `failed` is given. */
  preview: z.enum(kinds).optional(),
  /** Parts that differ, in order. */
  changes: z.array(z.string()).optional(),
  diff: z.record(z.string(), z.string()).optional(),
  /** What the failure's message holds. */
  failed: z.string().optional(),
  /** Values of the result, at least. */
  values: z.record(z.string(), z.unknown()).optional(),
  after: treeSchema.default({}),
  /** What a second run says; default `same`. */
  again: z.enum(kinds).optional(),
});

type Case = z.output<typeof caseSchema>;

const folder = join(import.meta.dirname, '../../cases/modules');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe.each(localShells())('on a host with $name', (shell) => {
  let root = '';
  let controllerRoot = '';

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'runner-case-host-'));
    controllerRoot = await mkdtemp(join(tmpdir(), 'runner-case-controller-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
    await rm(controllerRoot, { recursive: true, force: true });
  });

  describe.each(files)('%s', (file) => {
    const module = findModule(basename(file, '.yaml'));
    const cases = z.array(caseSchema).parse(parse(readFileSync(join(folder, file), 'utf8')));

    test.each(cases)('$name', async (one) => {
      if (module === undefined) throw new Error(`no module is named as ${file}`);
      await plantTree(root, one.host);
      await plantTree(controllerRoot, one.controller);
      const promised = new Promises();
      promised.add(one.promised.map((resource) => rooted(resource, root)));
      const request = {
        module,
        params: rooted(one.params, root),
        controller: localController(controllerRoot, rooted(one.variables, root)),
      };
      const host = localHost(shell);

      const before = await fingerprintTree(root);
      const preview = await previewModule(host, { ...request, promised });
      expect(await fingerprintTree(root), 'a preview writes nothing').toBe(before);
      expectComparison(preview, { one, root, kind: one.preview ?? (one.failed === undefined ? 'change' : 'failed') });
      if (one.promised.length > 0) return;

      const applied = await applyModule(host, request);
      if (one.failed !== undefined) {
        expect(applied.comparison).toMatchObject({ kind: 'failed' });
        if (preview.kind === 'failed')
          expect(await fingerprintTree(root), 'a predicted failure writes nothing').toBe(before);
        expectValues(applied.comparison, { one, root });
      } else {
        expect(applied.comparison.kind, JSON.stringify(applied)).not.toBe('failed');
        expect(rooted(one.values ?? {}, root)).toEqual(
          pick({ ...valuesOf(applied.comparison), ...applied.result?.values }, one.values ?? {}),
        );
        const again = await applyModule(host, request);
        expect(again.comparison.kind, JSON.stringify(again)).toBe(one.again ?? 'same');
      }
      expect(await readTreeAs(root, one.after)).toEqual(rooted(one.after, root));
    });
  });
});

interface Expected {
  readonly one: Case;
  readonly root: string;
}

function expectComparison(comparison: Comparison, expected: Expected & { readonly kind: Comparison['kind'] }): void {
  const { one, kind } = expected;
  expect(comparison.kind, JSON.stringify(comparison)).toBe(kind);
  if (comparison.kind === 'failed') expect(comparison.message).toContain(rooted(one.failed ?? '', expected.root));
  if (comparison.kind !== 'change') return;
  if (one.changes !== undefined) expect(comparison.changes.map(({ part }) => part)).toEqual(one.changes);
  if (one.diff !== undefined) {
    expect(comparison.changes.find(({ diff }) => diff !== undefined)?.diff).toMatchObject(
      rooted(one.diff, expected.root),
    );
  }
}

function expectValues(comparison: Comparison, { one, root }: Expected): void {
  if (comparison.kind !== 'failed') return;
  expect(comparison.message).toContain(rooted(one.failed ?? '', root));
  expect(pick(valuesOf(comparison), one.values ?? {})).toEqual(rooted(one.values ?? {}, root));
}

function valuesOf(comparison: Comparison): Readonly<Record<string, unknown>> {
  return 'values' in comparison ? (comparison.values ?? {}) : {};
}

/** The keys of `wanted`, at any depth, out of what was found. */
function pick(found: unknown, wanted: unknown): unknown {
  if (!isMap(wanted) || !isMap(found)) return found;
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, pick(found[key], wanted[key])]));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** ROOT in any text of plain data becomes the folder. */
function rooted<T>(data: T, root: string): T {
  return parse(JSON.stringify(data ?? null).replaceAll('ROOT', root)) as T;
}
