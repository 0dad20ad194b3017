export type Log = (message: string) => void;

/** Lines on stdout (docker logs): time, program and version, message. */
export function createLog(program: string): Log {
  return (message) => {
    process.stdout.write(`${new Date().toISOString()} ${program}: ${message}\n`);
  };
}

export const silent: Log = () => undefined;
