const shiftOf = { u: 6, g: 3, o: 0 } as const;
const bitOf = { r: 4, w: 2, x: 1 } as const;
type Who = keyof typeof shiftOf;

/** What a symbolic mode starts from. */
export interface ModeBase {
  /** Permission bits including setuid, setgid and sticky, as a number. */
  readonly current: number;
  readonly directory: boolean;
}

/**
 * The permission bits a wanted mode leads to, as four octal digits: "0644" itself, or chmod's letters applied to what is
 * there (`X` is execute for folders and for files that somebody may already execute). A clause without who means all.
 */
export function resolveMode(wanted: string, base: ModeBase): string {
  if (/^[0-7]{3,4}$/.test(wanted)) return wanted.padStart(4, '0');
  let bits = base.current;
  for (const clause of wanted.split(',')) bits = applyClause(clause, { ...base, current: bits });
  return formatMode(bits);
}

/** Four octal digits of permission bits. */
export function formatMode(bits: number): string {
  return (bits & 0o7777).toString(8).padStart(4, '0');
}

function applyClause(clause: string, base: ModeBase): number {
  const [, whoText = '', actions = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
  const everyone = whoText === '' || whoText.includes('a');
  const who: readonly Who[] = everyone ? ['u', 'g', 'o'] : ([...new Set(whoText)] as Who[]);
  let bits = base.current;
  for (const [, operator = '', letters = ''] of actions.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)) {
    const given = maskOf({ letters, who, bits, base });
    const own = who.reduce((sum, one) => sum | (7 << shiftOf[one]) | specialOf(one), everyone ? 0o1000 : 0);
    if (operator === '+') bits |= given;
    else if (operator === '-') bits &= ~given;
    // chmod keeps a folder's setuid and setgid bits unless they are named.
    else bits = (bits & ~(base.directory ? own & 0o1777 : own)) | given;
  }
  return bits;
}

function specialOf(who: Who): number {
  if (who === 'u') return 0o4000;
  return who === 'g' ? 0o2000 : 0;
}

function maskOf(options: { letters: string; who: readonly Who[]; bits: number; base: ModeBase }): number {
  const { letters, who, bits, base } = options;
  let mask = 0;
  for (const letter of letters) {
    if (letter === 't') mask |= 0o1000;
    else if (letter === 's') mask |= who.reduce((sum, one) => sum | specialOf(one), 0);
    else mask |= who.reduce((sum, one) => sum | (permission(letter, { bits, base }) << shiftOf[one]), 0);
  }
  return mask;
}

function permission(letter: string, options: { bits: number; base: ModeBase }): number {
  const { bits, base } = options;
  if (letter === 'X') return base.directory || (base.current & 0o111) !== 0 ? 1 : 0;
  if (letter === 'u' || letter === 'g' || letter === 'o') return (bits >> shiftOf[letter]) & 7;
  return letter in bitOf ? bitOf[letter as keyof typeof bitOf] : 0;
}
