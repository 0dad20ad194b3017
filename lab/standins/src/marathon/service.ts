import { randomUUID } from 'node:crypto';
import type { Log } from '../shared/log.js';
import type { MarathonConfig } from './config.js';
import { openEvents, type Events } from './events.js';
import type { App, Deployment, Task } from './model.js';
import type { Store } from './store.js';

/** What a leading Marathon knows and writes; lost with the leadership and loaded anew by the next leader. */
export interface Service {
  readonly config: MarathonConfig;
  readonly store: Store;
  readonly events: Events;
  readonly apps: Map<string, App>;
  readonly tasks: Map<string, Task>;
  readonly deployments: Map<string, Deployment>;
  readonly frameworkId: () => string | undefined;
  readonly setFrameworkId: (id: string) => Promise<void>;
  readonly subscribers: () => readonly string[];
  readonly setSubscribers: (urls: readonly string[]) => Promise<void>;
  readonly deploy: (appIds: readonly string[], version: string) => Deployment;
  readonly saveTask: (task: Task) => Promise<void>;
  readonly dropTask: (id: string) => Promise<void>;
  readonly freeServicePort: () => number;
  readonly log: Log;
}

export async function openService(options: { config: MarathonConfig; store: Store; log: Log }): Promise<Service> {
  const { config, store, log } = options;
  const stored = await store.load();
  const events = openEvents(log);
  const apps = new Map(stored.apps.map((app) => [app.id, app]));
  const tasks = new Map(stored.tasks.map((task) => [task.id, task]));
  const deployments = new Map<string, Deployment>();
  let frameworkId = stored.frameworkId;
  let subscribers = stored.subscribers;
  if (config.eventCallbacks) events.setSubscribers(subscribers);
  log(`Loaded ${apps.size} apps and ${tasks.size} tasks, framework id ${frameworkId ?? 'none yet'}`);
  return {
    config,
    store,
    events,
    apps,
    tasks,
    deployments,
    frameworkId: () => frameworkId,
    setFrameworkId: async (id) => {
      if (id === frameworkId) return;
      await store.putFrameworkId(id);
      frameworkId = id;
    },
    subscribers: () => subscribers,
    setSubscribers: async (urls) => {
      await store.putSubscribers(urls);
      subscribers = urls;
      events.setSubscribers(urls);
    },
    deploy: (affectedApps, version) => {
      const deployment = { id: randomUUID(), version, affectedApps };
      deployments.set(deployment.id, deployment);
      events.publish({
        eventType: 'deployment_info',
        plan: { id: deployment.id, version },
        currentStep: { actions: [] },
      });
      return deployment;
    },
    saveTask: async (task) => {
      await store.putTask(task);
      tasks.set(task.id, task);
    },
    dropTask: async (id) => {
      await store.removeTask(id);
      tasks.delete(id);
    },
    freeServicePort: () => {
      const [low, high] = config.servicePorts;
      const taken = new Set([...apps.values()].flatMap((app) => app.ports.map((port) => port.servicePort)));
      let port = low + Math.floor(Math.random() * (high - low + 1));
      while (taken.has(port)) port = port === high ? low : port + 1;
      return port;
    },
    log,
  };
}
