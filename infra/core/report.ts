/** Receives one line of progress of a long step; the caller decides how it is shown. */
export type Report = (line: string) => void;

/** A reporter that drops everything, for callers with nothing to show. */
export const silent: Report = () => undefined;
