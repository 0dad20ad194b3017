import type { Diagnostic } from '../../core/diagnostic.js';
import type { PlanCheck } from '../../plan/check.js';
import { eventStreamFrom, noCallbacksFrom, validationFrom } from '../compatibility.js';
import { isAtLeast, versionOf } from '../version.js';
import { finding } from './report.js';
import { placements, type Placement } from './view.js';

/** Settings with which Bamboo would run, say it is well, and never route anything. */
export const checkBamboo: PlanCheck = (plan, context) => {
  const placed = placements(plan, context);
  const marathon = placed.find(({ component }) => component === 'marathon');
  return placed
    .filter(({ component }) => component === 'bamboo')
    .flatMap((placement) => [
      ...eventStream(placement, marathon),
      ...validation(placement),
      ...znode(placement),
      ...password(placement),
    ]);
};

function eventStream(placement: Placement, marathon: Placement | undefined): readonly Diagnostic[] {
  const version = versionOf(marathon?.text('marathon_version') ?? placement.text('marathon_version'));
  const stream = placement.flag('bamboo_use_event_stream');
  const bamboo = versionOf(placement.text('bamboo_version'));
  const span = placement.span('bamboo_use_event_stream');
  if (version !== undefined && stream === false && isAtLeast(version, noCallbacksFrom)) {
    const message = `Marathon ${version} knows no callbacks (gone from ${noCallbacksFrom} on): without the event stream Bamboo would never hear of an app`;
    const hint = 'set `bamboo_use_event_stream: true`, and `marathon_version` for the hosts of Bamboo as well';
    return [finding({ severity: 'error', code: 'bamboo-event-stream', message, span, hint })];
  }
  if (stream === true && bamboo !== undefined && !isAtLeast(bamboo, eventStreamFrom)) {
    const message = `Bamboo ${bamboo} does not know the event stream, which came with ${eventStreamFrom}, and Marathon ${version ?? ''} needs it`;
    return [
      finding({
        severity: 'error',
        code: 'bamboo-event-stream',
        message,
        span: placement.span('bamboo_version') ?? span,
      }),
    ];
  }
  return [];
}

function validation(placement: Placement): readonly Diagnostic[] {
  const command = placement.text('haproxy_validation_command');
  const version = versionOf(placement.text('bamboo_version'));
  if (command === undefined || command.includes('{{.}}')) return [];
  if (version !== undefined && !isAtLeast(version, validationFrom)) return [];
  return [
    finding({
      severity: 'error',
      code: 'bamboo-validation',
      message: `\`${command}\` lacks Bamboo's placeholder {{.}} for the new file: it would refuse every configuration, and no route would ever change`,
      span: placement.span('haproxy_validation_command'),
      hint: 'write `haproxy -c -f {{.}}`',
    }),
  ];
}

function znode(placement: Placement): readonly Diagnostic[] {
  const path = placement.text('bamboo_zookeeper_path');
  if (path === undefined || (path.startsWith('/') && !path.endsWith('/'))) return [];
  const message = `\`${path}\` must begin with a slash and not end with one: Bamboo would stop`;
  return [finding({ severity: 'error', code: 'bamboo-znode', message, span: placement.span('bamboo_zookeeper_path') })];
}

function password(placement: Placement): readonly Diagnostic[] {
  const [user, word] = [placement.text('haproxy_stats_user'), placement.text('haproxy_stats_password')];
  if (user !== 'admin' || word !== 'admin') return [];
  return [
    finding({
      severity: 'error',
      code: 'known-password',
      message: 'admin:admin is the login that every how-to gives the statistics page',
      span: placement.span('haproxy_stats_password'),
      hint: 'leave `haproxy_stats_password` out: one is made on each host',
    }),
  ];
}
