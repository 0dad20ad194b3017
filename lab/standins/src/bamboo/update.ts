import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fatal, reason } from '../shared/exit.js';
import type { Log } from '../shared/log.js';
import { atLeast } from '../shared/version.js';
import type { BambooConfig } from './config.js';
import { fetchApps, type BambooApp } from './marathon-client.js';
import { runCommand } from './shell.js';
import type { Service, Storage } from './storage.js';
import { renderTemplate } from './template/render.js';
import type { Value } from './template/values.js';

export interface State {
  readonly Apps: readonly BambooApp[] | null;
  readonly Services: ReadonlyMap<string, Service>;
}

/** Apps and services. Up to 0.2.14 a Marathon that fails reads as "no apps"; later it is an error. */
export async function currentState(config: BambooConfig, storage: Storage): Promise<State> {
  const Services = await storage.all();
  try {
    return { Apps: await fetchApps(config), Services };
  } catch (error) {
    if (atLeast(config.version, '0.2.15')) throw error;
    return { Apps: null, Services };
  }
}

/** The state as a template sees it: structs for apps, tasks and services, maps for Env, Labels, Config and Services. */
export function templateData(state: State): Value {
  const map = (record: Readonly<Record<string, string>>): Value => new Map(Object.entries(record));
  return {
    Apps: (state.Apps ?? []).map((app) => ({
      ...app,
      Tasks: app.Tasks.map((task) => ({ ...task })),
      Env: map(app.Env),
      Labels: map(app.Labels),
    })),
    Services: new Map(
      [...state.Services].map(([id, service]) => [
        id,
        { Id: service.Id, Acl: service.Acl, Config: map(service.Config ?? {}) },
      ]),
    ),
  };
}

async function validate(command: string, content: string, log: Log): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'bamboo'));
  const file = join(directory, 'haproxy.cfg');
  try {
    writeFileSync(file, content);
    const rendered = renderTemplate(command, file);
    if (rendered.kind !== 'text') return rendered.message;
    log('Validating config');
    return await runCommand(rendered.text, log);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function existing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * One update: render, compare with OutputPath, validate (0.2.15 and later), write, reload, clean up. Failures are logged; throws a Fatal where the real
 * one ends itself (a template that does not parse, and up to 0.2.14 a missing template or a reload that fails).
 */
export async function update(options: {
  config: BambooConfig;
  storage: Storage;
  log: Log;
}): Promise<'reloaded' | 'unchanged' | 'failed'> {
  const { config, storage, log } = options;
  const { haproxy } = config;
  const modern = atLeast(config.version, '0.2.15');
  const failed = (message: string): 'failed' => {
    log(`Failed to update HAProxy configuration: ${message}`);
    return 'failed';
  };
  const template = existing(haproxy.templatePath);
  if (template === undefined) {
    if (!modern) throw new Fatal(`panic: open ${haproxy.templatePath}: no such file or directory`, 2);
    return failed(`open ${haproxy.templatePath}: no such file or directory`);
  }
  let state: State;
  try {
    state = await currentState(config, storage);
  } catch (error) {
    return failed(`Failed to retrieve template data: ${reason(error)}`);
  }
  const rendered = renderTemplate(template, templateData(state));
  if (rendered.kind === 'syntax') throw new Fatal(`panic: template: ${haproxy.templatePath}: ${rendered.message}`, 2);
  if (rendered.kind === 'data') return failed(`Template syntax error: ${rendered.message}`);
  if (rendered.text === existing(haproxy.outputPath)) {
    log('Skipped HAProxy configuration reload due to lack of changes');
    return 'unchanged';
  }
  if (haproxy.reloadValidationCommand !== '') {
    const invalid = await validate(haproxy.reloadValidationCommand, rendered.text, log);
    if (invalid !== undefined) return failed(invalid);
  }
  try {
    writeFileSync(haproxy.outputPath, rendered.text);
  } catch (error) {
    return failed(`Failed to write template on path ${haproxy.outputPath}: ${reason(error)}`);
  }
  const broken = await runCommand(haproxy.reloadCommand, log);
  if (broken !== undefined && !modern) throw new Fatal(`HAProxy: update failed: ${broken}`, 1);
  if (modern) await runCommand(haproxy.reloadCleanupCommand, log);
  if (broken !== undefined) return failed(broken);
  log('Reloaded HAProxy configuration');
  return 'reloaded';
}
