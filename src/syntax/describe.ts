import type { Located, LocatedScalar } from './located.js';

/** What people call a value: "a list", "a map", "text", "the number 3", "true", "nothing". Never shows text that may be secret. */
export function describe(located: Located): string {
  if (located.kind === 'list') return 'a list';
  if (located.kind === 'map') return 'a map';
  if (located.value === null) return 'nothing';
  if (typeof located.value === 'string') return 'text';
  if (located.secret === true) return `a ${typeof located.value}`;
  return typeof located.value === 'number' ? `the number ${located.source}` : String(located.value);
}

/** What to do when a scalar stands where another kind of value is wanted, or undefined when there is nothing clever to say. */
export function mistypeHint(
  wanted: 'text' | 'boolean' | 'number' | 'list' | 'map',
  located: Located,
): string | undefined {
  if (located.kind !== 'scalar' || located.secret === true) return undefined;
  if (wanted === 'text') return textHint(located);
  if (wanted === 'boolean') return booleanHint(located);
  if (wanted === 'number') return numberHint(located);
  if (wanted === 'list' && located.value !== null) return 'write it as a list of one: - …';
  return undefined;
}

function textHint(scalar: LocatedScalar): string | undefined {
  if (typeof scalar.value !== 'number' && typeof scalar.value !== 'boolean') return undefined;
  return `quote it: "${scalar.source}"`;
}

const formerBooleans: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  y: true,
  no: false,
  off: false,
  n: false,
};

function booleanHint(scalar: LocatedScalar): string | undefined {
  const text = scalar.source.toLowerCase();
  const meant = Object.hasOwn(formerBooleans, text) ? formerBooleans[text] : undefined;
  if (meant !== undefined) return `\`${scalar.source}\` is text in YAML 1.2: write ${String(meant)}`;
  if (scalar.quoted && (text === 'true' || text === 'false')) return 'remove the quotes';
  if (scalar.value === 1 || scalar.value === 0) return `write ${String(scalar.value === 1)}`;
  return 'write true or false';
}

function numberHint(scalar: LocatedScalar): string | undefined {
  if (typeof scalar.value === 'string' && /^-?\d+(\.\d+)?$/.test(scalar.value)) return 'remove the quotes';
  return undefined;
}

/** How a file mode given as a number is refused: 644 and 420 are not 0644, and only the quoted text says which is meant. */
export function modeProblem(located: Located): { readonly message: string; readonly hint: string } | undefined {
  if (located.kind !== 'scalar' || typeof located.value !== 'number') return undefined;
  const octal = `0${located.value.toString(8)}`;
  const digits = /^[0-7]{3,4}$/.test(located.source) ? located.source.padStart(4, '0') : undefined;
  // 420 and 493 are how Python prints 0644 and 0755: both readings are likely. 644 is hardly meant as 01204.
  const usual = /^0[67]\d\d$/.test(octal) ? octal : undefined;
  const meant = [digits, usual].filter((text) => text !== undefined).map((text) => `"${text}"`);
  return {
    message: `a file mode must be quoted text: unquoted, \`${located.source}\` is the number ${located.value}, which is ${octal} in octal`,
    hint: meant.length === 0 ? 'write the octal digits in quotes, like "0644"' : `write ${meant.join(' or ')}`,
  };
}
