import type { AptFound } from '../../../src/modules/apt.js';

/** A host on which apt's look found nothing out of the ordinary. */
export const aptFound: AptFound = {
  installed: [],
  provided: new Set(),
  candidates: new Map(),
  broken: '',
  busy: false,
  listsAge: 100,
  deb: undefined,
  unneeded: [],
  upgrades: [],
  outdated: 0,
  downloaded: 0,
};
