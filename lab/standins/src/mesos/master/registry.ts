/** What the masters agree on. Everything else is rebuilt from the agents' and frameworks' reports. */
export interface Registry {
  readonly agents: readonly {
    readonly id: string;
    readonly hostname: string;
    readonly ip: string;
    readonly port: number;
  }[];
  readonly deactivated: readonly string[];
  readonly draining: readonly string[];
  readonly schedule: MaintenanceSchedule;
  readonly down: readonly Machine[];
}

export interface Machine {
  readonly hostname?: string;
  readonly ip?: string;
}

export interface MaintenanceSchedule {
  readonly windows?: readonly {
    readonly machine_ids: readonly Machine[];
    readonly unavailability: {
      readonly start: { readonly nanoseconds: number };
      readonly duration?: { readonly nanoseconds: number };
    };
  }[];
}

export const emptyRegistry: Registry = { agents: [], deactivated: [], draining: [], schedule: {}, down: [] };
