import type { Diagnostic } from '../../core/diagnostic.js';
import type { PlanCheck } from '../../plan/check.js';
import { flagFault, takesNoValue, type FlaggedProgram } from '../flags.js';
import { versionOf } from '../version.js';
import { finding } from './report.js';
import { placements, type Placement } from './view.js';

interface Options {
  readonly program: FlaggedProgram;
  readonly version: string;
  readonly variable: string;
  /** What comes of a wrong name when the program runs. */
  readonly consequence: string;
}

const ignored = 'Mesos would ignore it without a word';
const fatal = 'Marathon would not start';

/** Flags and options that the chosen versions do not have. */
export const checkFlags: PlanCheck = (plan, context) => placements(plan, context).flatMap(flagsOf);

function flagsOf(placement: Placement): readonly Diagnostic[] {
  switch (placement.component) {
    case 'mesos-master':
      return wrongFlags(placement, {
        program: 'mesos-master',
        version: 'mesos_version',
        variable: 'mesos_master_options',
        consequence: ignored,
      });
    case 'mesos-slave':
      return wrongFlags(placement, {
        program: 'mesos-slave',
        version: 'mesos_version',
        variable: 'mesos_slave_options',
        consequence: ignored,
      });
    case 'marathon':
      return [
        ...wrongFlags(placement, {
          program: 'marathon',
          version: 'marathon_version',
          variable: 'marathon_options',
          consequence: fatal,
        }),
        ...wrongFlags(placement, {
          program: 'marathon',
          version: 'marathon_version',
          variable: 'marathon_environment',
          consequence: fatal,
        }),
        ...callbacks(placement),
      ];
    default:
      return [];
  }
}

function wrongFlags(placement: Placement, options: Options): readonly Diagnostic[] {
  const { program, variable, consequence } = options;
  const version = versionOf(placement.text(options.version));
  if (version === undefined) return [];
  return Object.entries(placement.map(variable)).flatMap(([key, value]) => {
    const flag = flagOf(key, variable);
    if (flag === undefined) return [];
    const span = placement.keySpan(variable, key);
    const fault = flagFault(flag, { program, version });
    if (fault !== undefined) {
      return [
        finding({
          severity: 'error',
          code: 'unknown-flag',
          message: `${fault.message}; ${consequence}`,
          span,
          hint: fault.hint,
        }),
      ];
    }
    if (!takesNoValue(flag, program) || value === '') return [];
    const message = `\`${flag}\` of Marathon takes no value: \`${JSON.stringify(value)}\` would be a stray argument, and Marathon would not start`;
    return [
      finding({
        severity: 'error',
        code: 'flag-without-value',
        message,
        span,
        hint: `write \`${key}: ""\`; \`disable_${flag}: ""\` turns it off`,
      }),
    ];
  });
}

/** The flag that a key stands for: of an environment only what the program reads as flags. */
function flagOf(key: string, variable: string): string | undefined {
  if (variable !== 'marathon_environment') return key.toLowerCase();
  return key.startsWith('MARATHON_') ? key.slice('MARATHON_'.length).toLowerCase() : undefined;
}

function callbacks(placement: Placement): readonly Diagnostic[] {
  const version = versionOf(placement.text('marathon_version'));
  if (version === undefined || placement.flag('marathon_http_callbacks') !== true) return [];
  const fault = flagFault('event_subscriber', { program: 'marathon', version });
  if (fault === undefined) return [];
  return [
    finding({
      severity: 'error',
      code: 'unknown-flag',
      message: `${fault.message}; ${fatal}`,
      span: placement.span('marathon_http_callbacks'),
      hint: 'leave `marathon_http_callbacks` out, and let Bamboo use the event stream (`bamboo_use_event_stream: true`)',
    }),
  ];
}
