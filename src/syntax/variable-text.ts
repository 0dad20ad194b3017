import type { Diagnostics } from '../core/diagnostic.js';
import { jinjaIn } from './jinja.js';
import type { Located, LocatedScalar } from './located.js';

/** Reports Jinja's braces in any text of a value: they would be used as they stand. */
export function checkBraces(located: Located, diagnostics: Diagnostics): void {
  eachScalar(located, (scalar) => {
    if (typeof scalar.value !== 'string' || scalar.literal === true || scalar.value.includes('<%')) return;
    const [jinja] = jinjaIn(scalar.value);
    if (jinja === undefined) return;
    diagnostics.error({
      code: 'jinja',
      message: `\`${jinja.found}\` is a Jinja template: it would be used as it stands`,
      span: scalar.span,
      hint: jinja.hint,
    });
  });
}

/**
 * Warns about unquoted numbers in variables whose text is not the number's: `1.10` is 1.1 and `1e10` is 10000000000
 * when a template prints them. Fields with a type of their own need no such warning: their readers see the text.
 */
export function checkLostText(located: Located, diagnostics: Diagnostics): void {
  eachScalar(located, (scalar) => {
    if (typeof scalar.value !== 'number' || scalar.quoted || scalar.literal === true) return;
    const lost = /^\d+\.\d*0$/.test(scalar.source) || /^\d+e\d+$/i.test(scalar.source);
    if (!lost) return;
    diagnostics.warning({
      code: 'lost-text',
      message: `\`${scalar.source}\` is the number ${scalar.value}, and that is how templates print it`,
      span: scalar.span,
      hint: `quote it if it is meant as text: "${scalar.source}"`,
    });
  });
}

function eachScalar(located: Located, visit: (scalar: LocatedScalar) => void): void {
  switch (located.kind) {
    case 'scalar':
      visit(located);
      return;
    case 'list':
      for (const item of located.items) eachScalar(item, visit);
      return;
    case 'map':
      for (const entry of located.entries) eachScalar(entry.value, visit);
  }
}
