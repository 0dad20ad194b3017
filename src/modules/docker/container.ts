import { defineModule } from '../support/define.js';
import { changeContainer } from './container-change.js';
import { compareContainer } from './container-compare.js';
import { lookAtContainer, parseContainer, type ContainerFound } from './container-look.js';
import { containerParams, type ContainerParams } from './container-params.js';

/** Containers of a host's engine. */
export const dockerContainer = defineModule<ContainerParams, unknown, ContainerFound>({
  name: 'docker_container',
  summary:
    'Makes, starts, stops or removes a container; only a real difference replaces it, and the old one comes back when the new one does not run.',
  params: containerParams,
  look: ({ params }) => ({
    kind: 'script',
    script: lookAtContainer(params),
    parse: (reply) => parseContainer(reply, params.name),
  }),
  compare: compareContainer,
  change: (host, { params, found }) => changeContainer(host, { params, found }),
});
