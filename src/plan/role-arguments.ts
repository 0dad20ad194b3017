import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import { hostNamed } from '../inventory/localhost.js';
import type { Inventory } from '../inventory/types.js';
import { argumentDiagnostics } from '../playbook/argument-values.js';
import { checkRoleArguments } from '../playbook/role-arguments.js';
import type { ArgumentSpec, Play, RoleContext, Step } from '../playbook/types.js';
import type { FileReader } from '../syntax/files.js';
import type { Located } from '../syntax/located.js';
import type { Value } from '../template/value.js';
import { type LastingNames, lastingNames } from './names/lasting.js';
import { allSteps, leavesOf } from './steps.js';
import { selectedByTags } from './tags.js';
import type { Plan, PlannedPlay, Selection } from './types.js';

/**
 * Judges the arguments of every role against its specs, host by host, as far as they are written in files: a required
 * one that nothing gives, and values of the wrong kind. Templates, registered results and `vars_files` are left to the run.
 */
export function checkArguments(request: {
  readonly plan: Plan;
  readonly inventory: Inventory;
  readonly extraVars: Readonly<Record<string, Value>>;
  readonly files: FileReader;
  readonly diagnostics: Diagnostics;
}): void {
  const { plan, inventory, extraVars, diagnostics } = request;
  const lasting = lastingNames(plan, request);
  const said = new Set<string>();
  for (const planned of plan.plays) {
    for (const use of roleUses(planned.play).filter(({ step }) => runsAnything(step, plan.selection))) {
      for (const spec of use.context.role.argumentSpecs) {
        const missing = planned.hosts.filter((host) => {
          const found = findArgument(spec.name, { use, planned, host, inventory, extraVars, lasting });
          if (found === undefined) return spec.required;
          for (const diagnostic of faultsOf(spec, { use, found })) {
            const identity = JSON.stringify([diagnostic.message, diagnostic.span]);
            if (!said.has(identity)) diagnostics.add(diagnostic);
            said.add(identity);
          }
          return false;
        });
        if (missing.length > 0 && !use.conditional) reportMissing(spec, { use, planned, missing, diagnostics });
      }
    }
  }
}

interface RoleUse {
  readonly context: RoleContext;
  readonly step: Step;
  /** The role may not run on every host: what it lacks there does not matter. */
  readonly conditional: boolean;
}

function roleUses(play: Play): readonly RoleUse[] {
  return allSteps([play]).flatMap((step): readonly RoleUse[] => {
    const context =
      step.kind === 'role' ? step.context : step.kind === 'include-role' ? step.included?.context : undefined;
    if (context === undefined) return [];
    const looped = step.kind === 'include-role' && step.loop !== undefined;
    return [
      {
        context,
        step,
        conditional: looped || step.when.length > 0 || play.when.length > 0 || play.varsFiles.length > 0,
      },
    ];
  });
}

/** Whether the tags leave any step of the role; one of which nothing runs is not judged, as in a run. */
function runsAnything(step: Step, selection: Selection): boolean {
  const isSelected = (each: Step): boolean => selectedByTags(each.tags, selection);
  if (step.kind !== 'include-role') return leavesOf(step).some(isSelected);
  return isSelected(step) && (step.included?.steps ?? []).flatMap(leavesOf).some(isSelected);
}

type Found =
  | { readonly kind: 'written'; readonly value: Located }
  | { readonly kind: 'given'; readonly value: Value }
  | { readonly kind: 'later' };

/** The strongest word on an argument for a host, in the order of the language. */
function findArgument(
  name: string,
  options: {
    readonly use: RoleUse;
    readonly planned: PlannedPlay;
    readonly host: string;
    readonly inventory: Inventory;
    readonly extraVars: Readonly<Record<string, Value>>;
    readonly lasting: LastingNames;
  },
): Found | undefined {
  const { use, planned, host, inventory, extraVars, lasting } = options;
  const given = Object.hasOwn(extraVars, name) ? extraVars[name] : undefined;
  if (given !== undefined) return { kind: 'given', value: given };
  if (lasting.open || lasting.names.has(name) || planned.play.varsFiles.length > 0) return { kind: 'later' };
  const roles = roleChain(use.context);
  const strongestFirst = [
    ...use.step.vars.toReversed(),
    ...roles.flatMap((context) => [context.params, context.role.vars]),
    planned.play.vars,
    ...(hostNamed(inventory, host)?.layers.toReversed() ?? []),
    ...roles.map((context) => context.role.defaults),
  ];
  const value = strongestFirst.find((block) => block.values.has(name))?.values.get(name);
  return value === undefined || (value.kind === 'scalar' && value.value === null)
    ? undefined
    : { kind: 'written', value };
}

/** A role and the roles it is used in, innermost first. */
function roleChain(context: RoleContext | undefined): readonly RoleContext[] {
  return context === undefined ? [] : [context, ...roleChain(context.parent)];
}

function faultsOf(
  spec: ArgumentSpec,
  options: { readonly use: RoleUse; readonly found: Found },
): ReturnType<typeof argumentDiagnostics> {
  const { use, found } = options;
  const { name } = use.context.role;
  switch (found.kind) {
    case 'later':
      return [];
    case 'written':
      return argumentDiagnostics([spec], { role: name, values: new Map([[spec.name, found.value]]) });
    case 'given':
      return checkRoleArguments([spec], { [spec.name]: found.value }).map((fault) => ({
        severity: 'error' as const,
        code: 'wrong-argument',
        message: `role \`${name}\`: ${fault.message}, given with -e`,
        span: use.step.span,
        ...(fault.hint === undefined ? {} : { hint: fault.hint }),
        related: [{ span: spec.span, message: `\`${spec.name}\` is described here` }],
      }));
  }
}

function reportMissing(
  spec: ArgumentSpec,
  options: {
    readonly use: RoleUse;
    readonly planned: PlannedPlay;
    readonly missing: readonly string[];
    readonly diagnostics: Diagnostics;
  },
): void {
  const { use, planned, missing, diagnostics } = options;
  const { role } = use.context;
  const everywhere = missing.length === planned.hosts.length;
  diagnostics.error({
    code: 'missing-argument',
    message: `the role \`${role.name}\` needs \`${spec.name}\`${everywhere ? '' : ` on ${missing.join(', ')}`}`,
    span: spanOfUse(use),
    hint: `set \`${spec.name}\` in the inventory or where the role is used${spec.description === '' ? '' : `: ${spec.description.split('\n')[0]}`}`,
    related: [{ span: spec.span, message: `\`${spec.name}\` is described here` }],
  });
}

function spanOfUse({ step }: RoleUse): Span {
  return step.kind === 'include-role' ? step.roleName.span : step.span;
}
