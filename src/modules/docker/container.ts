import { defineModule } from '../support/define.js';
import { changeContainer } from './container-change.js';
import { compareContainer } from './container-compare.js';
import { containerResource, lookAtStartedContainers } from './container-lasts.js';
import { lookAtContainer, parseContainer, type ContainerFound } from './container-look.js';
import { containerParams, type ContainerParams } from './container-params.js';

/** Containers of a host's engine. */
export const dockerContainer = defineModule<ContainerParams, unknown, ContainerFound>({
  name: 'docker_container',
  summary:
    'Makes, starts, stops or removes a container; only a real difference replaces it, the old one comes back when the new one does not run, and a started one is seen to stay up.',
  params: containerParams,
  look: ({ params }) => ({
    kind: 'script',
    script: lookAtContainer(params),
    parse: (reply) => parseContainer(reply, params.name),
  }),
  compare: compareContainer,
  change: (host, { params, found }) => changeContainer(host, { params, found }),
  unsettles: ({ params }) => containerResource(params.name),
  confirm: (left) => ({ kind: 'procedure', read: (host) => lookAtStartedContainers(host, left) }),
});
