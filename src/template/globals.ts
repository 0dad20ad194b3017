/** JavaScript names a template may use beside its variables: pure, no way to the system. */
export const allowedGlobals: ReadonlySet<string> = new Set([
  'undefined',
  'NaN',
  'Infinity',
  'Array',
  'Boolean',
  'Date',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'RegExp',
  'Set',
  'String',
  'decodeURIComponent',
  'encodeURIComponent',
  'isFinite',
  'isNaN',
  'parseFloat',
  'parseInt',
]);

/** Members that lead out of data into code. */
export const forbiddenMembers: ReadonlySet<string> = new Set(['constructor', '__proto__', 'prototype']);
