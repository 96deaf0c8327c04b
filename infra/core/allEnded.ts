/**
 * Waits until all have ended, whatever becomes of each, so that nothing of it goes on while what follows puts it right.
 * @throws the first failure, when there is one.
 */
export async function allEnded(parts: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(parts)).find((part) => part.status === "rejected");
  if (failed) throw failed.reason;
}
