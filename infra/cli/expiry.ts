import { type Duration, isDuration, seconds } from "../core/units";

/** A development environment, as far as its age matters. */
export interface Aging {
  readonly stack: string;
  readonly stage?: string;
  /** As in its file; undefined where it never expires. */
  readonly expiresAfter?: string;
  /** When its database was made, or last made anew from a copy; undefined where it is not up. */
  readonly madeAt?: Date;
}

/** An environment whose time is over. */
export interface Expired {
  readonly stack: string;
  readonly expiresAfter: Duration;
  /** Seconds since then. */
  readonly ageSeconds: number;
}

/**
 * The environments whose time is over, the oldest first. Only development ones are ever among them, whatever a file says.
 * @param environments All that there are.
 * @param now The moment to decide for.
 */
export function expired(environments: readonly Aging[], now: Date): Expired[] {
  return environments
    .flatMap(({ stack, stage, expiresAfter, madeAt }): Expired[] => {
      if (stage !== "development" || !madeAt || !isDuration(expiresAfter)) return [];
      const ageSeconds = (now.getTime() - madeAt.getTime()) / 1000;
      return ageSeconds > seconds(expiresAfter) ? [{ stack, expiresAfter, ageSeconds }] : [];
    })
    .sort((a, b) => b.ageSeconds - a.ageSeconds);
}

/** An age as people say it: `3 days`, `5 hours`, `12 minutes`. */
export function age(ageSeconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, length] = units.find(([, size]) => ageSeconds >= 2 * size) ?? units[2];
  const amount = Math.floor(ageSeconds / length);
  return `${amount} ${amount === 1 ? unit : `${unit}s`}`;
}
