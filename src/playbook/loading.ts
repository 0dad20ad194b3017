import type { Diagnostics } from '../core/diagnostic.js';
import type { Span } from '../core/span.js';
import type { FileReader } from '../syntax/files.js';
import type { Expression } from '../template/types.js';
import type { ModuleCatalogue } from './catalogue.js';
import type { Handler, Keywords, RoleContext, Templated, VariableBlock } from './types.js';

/** What one load carries along: where files come from and where mistakes go. */
export interface Loading {
  readonly files: FileReader;
  readonly modules: ModuleCatalogue;
  readonly diagnostics: Diagnostics;
  /** The folder of the playbook the load started with. */
  readonly playbookDirectory: string;
  /** Folders that hold roles, searched after those beside the playbook, in order. */
  readonly roleFolders: readonly string[];
}

/** One link of a chain of files or roles that are being loaded, to find circles. */
export interface TrailLink {
  readonly path: string;
  readonly name: string;
  readonly span: Span;
}

/** What a play gathers while its roles are loaded. */
export interface PlayParts {
  readonly handlers: Handler[];
  /** Keys of the roles whose handlers are in `handlers`. */
  readonly roleKeys: Set<string>;
}

/** What stands around a step: everything it inherits. */
export interface Surroundings {
  /** Goes before the place of a step in its id; empty, or the including step's id and `>`. */
  readonly idPrefix: string;
  /** The folder of the file the steps stand in. */
  readonly directory: string;
  readonly when: readonly Expression[];
  readonly tags: readonly string[];
  readonly vars: readonly VariableBlock[];
  readonly keywords: Keywords;
  readonly notify: readonly Templated[];
  readonly role?: RoleContext;
  readonly parts: PlayParts;
  /** The steps are handlers: they may `listen`. */
  readonly inHandlers?: true;
  /** Task files and roles being loaded, outermost first. */
  readonly trail: readonly TrailLink[];
}

/** Surroundings of the outermost steps of a file that nothing was said about. */
export function bareSurroundings(directory: string): Surroundings {
  return {
    idPrefix: '',
    directory,
    when: [],
    tags: [],
    vars: [],
    keywords: { environment: [] },
    notify: [],
    parts: { handlers: [], roleKeys: new Set() },
    trail: [],
  };
}
