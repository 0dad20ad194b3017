/** On a host: what the steps of rollouts keep until they are proved, in a folder named like the container. */
export const keptFolder = '/var/lib/runner/kept';
