import { exitCode } from '../../core/exit-code.js';
import { findingLines } from '../../report/findings.js';
import { examine, outcomeOf } from '../../stack/doctor/examine.js';
import { mergeFindings } from '../../stack/doctor/merge.js';
import type { Examination, Finding } from '../../stack/doctor/types.js';
import { counted } from '../../stack/status/words.js';
import { quote } from '../../shell/quote.js';
import { withInterrupt } from '../interrupt.js';
import { openCluster } from '../open-cluster.js';
import type { ConnectionOptions, InventoryOptions, OutputOptions } from '../options.js';
import { examineCluster } from '../status/examine-cluster.js';
import { colorsFor, printLine } from '../terminal.js';
import { hostsToAsk } from './status.js';

type DoctorOptions = InventoryOptions & ConnectionOptions & OutputOptions;

/**
 * `runner doctor`: says what is wrong, why it matters and what to do about it. Only reads. Exit 0 when nothing was
 * found, 1 with findings, 3 when hosts cannot be reached and nothing else is wrong.
 */
export async function doctor({ options }: { readonly options: DoctorOptions }): Promise<number> {
  const finished = await withInterrupt(async (signal) => {
    const cluster = await openCluster({ options, signal });
    try {
      const examination = await examineCluster(cluster, hostsToAsk(cluster));
      const findings = examine(examination).map((finding) => withInventory(finding, options));
      show({ findings: cluster.masker.maskData(findings), examination, options });
      return outcomeOf(findings);
    } finally {
      await cluster.close();
    }
  });
  if (finished.kind === 'interrupted') return finished.code;
  switch (finished.value) {
    case 'well':
      return exitCode.done;
    case 'ill':
      return exitCode.hostFailed;
    case 'unreachable':
      return exitCode.unreachable;
  }
}

/** The commands are for copying: they name the inventory that this one was given. */
function withInventory(finding: Finding, { inventory = [] }: DoctorOptions): Finding {
  const flags = inventory.map((path) => ` -i ${quote(path)}`).join('');
  const commands = finding.commands.map((command) =>
    command.replace(/^runner (?!runs\b)\S+/, (start) => start + flags),
  );
  return { ...finding, commands };
}

function show(shown: {
  readonly findings: readonly Finding[];
  readonly examination: Examination;
  readonly options: DoctorOptions;
}): void {
  const { findings, examination, options } = shown;
  if (options.output === 'json') {
    printLine(JSON.stringify({ findings, outcome: outcomeOf(findings) }, undefined, 2));
    return;
  }
  const columns = options.output === 'plain' ? undefined : process.stdout.columns;
  const width = { colors: colorsFor(options), ...(columns === undefined ? {} : { columns }) };
  for (const line of findingLines(mergeFindings(findings), width)) printLine(line);
  printLine(summary(findings, examination));
}

function summary(findings: readonly Finding[], { cluster }: Examination): string {
  const asked = cluster.hosts.filter(({ kind }) => kind === 'asked').length;
  const programs = cluster.hosts.reduce((sum, host) => sum + (host.kind === 'asked' ? host.rows.length : 0), 0);
  const looked = `looked at ${counted(programs, 'program')} on ${asked} of ${counted(cluster.hosts.length, 'host')}`;
  if (findings.length === 0) return `Nothing found: ${looked}.`;
  const bad = findings.filter(({ severity }) => severity === 'bad').length;
  const warnings = findings.length - bad;
  const parts = [...(bad > 0 ? [`${bad} bad`] : []), ...(warnings > 0 ? [counted(warnings, 'warning')] : [])];
  return `${parts.join(', ')}: ${looked}.`;
}
