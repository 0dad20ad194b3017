/**
 * Waits until a condition holds; fails after 100 s unless told otherwise: a hang ends there, how fast things are on a machine
 * that does other work as well is not its business. For what only the system can tell (processes, files).
 */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 100_000): Promise<void> {
  const giveUpAt = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`never happened: ${condition.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
