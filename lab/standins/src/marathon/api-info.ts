import { atLeast } from '../shared/version.js';
import type { Leading } from './api.js';

/** `/v2/info`: always of the leader, whoever was asked. */
export function info(leading: Leading): Readonly<Record<string, unknown>> {
  const { service, self } = leading;
  const { config } = service;
  return {
    name: 'marathon',
    version: config.version,
    buildref: 'lab stand-in',
    elected: true,
    leader: self,
    frameworkId: service.frameworkId() ?? null,
    marathon_config: {
      master: config.master,
      checkpoint: config.options.get('checkpoint') !== 'false',
      failover_timeout: config.failoverTimeoutSeconds,
      framework_name: config.frameworkName,
      ha: config.highAvailability,
      hostname: config.hostname,
      local_port_min: config.servicePorts[0],
      local_port_max: config.servicePorts[1],
    },
    zookeeper_config: {
      zk: `zk://${config.zk.servers}${config.zk.path}`,
      zk_hosts: config.zk.servers,
      zk_path: config.zk.path,
      zk_session_timeout: config.zkSessionTimeoutMs,
    },
    ...(atLeast(config.version, '1.5.0')
      ? {}
      : { event_subscriber: config.eventCallbacks ? { type: 'http_callback', http_endpoints: null } : null }),
    http_config: {
      http_port: config.httpPort,
      https_port: Number(config.options.get('https_port') ?? 8443),
      assets_path: null,
    },
  };
}

export function metrics(leading: Leading): Readonly<Record<string, unknown>> {
  const { service } = leading;
  const gauge = (value: number): { value: number } => ({ value });
  return {
    version: '3.0.0',
    gauges: {
      'service.mesosphere.marathon.app.count': gauge(service.apps.size),
      'service.mesosphere.marathon.task.running.count': gauge(
        [...service.tasks.values()].filter((task) => task.state === 'TASK_RUNNING').length,
      ),
      'service.mesosphere.marathon.uptime': gauge(Date.now() - leading.startedAt),
    },
    counters: {},
    histograms: {},
    meters: {},
    timers: {},
  };
}
