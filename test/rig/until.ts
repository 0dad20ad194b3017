/** Waits until a condition holds; fails after 30 s unless told otherwise. For what only the system can tell (processes, files). */
export async function until(condition: () => boolean | Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const giveUpAt = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`never happened: ${condition.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
