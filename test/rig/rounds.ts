/** How often a story is told: a few times in the gate, FAULT_ROUNDS times in the suites of faults and attacks, and never more often than `most`. */
export function rounds(options: { readonly inGate: number; readonly most?: number }): number {
  return Math.min(Number(process.env['FAULT_ROUNDS'] ?? options.inGate), options.most ?? Number.POSITIVE_INFINITY);
}
