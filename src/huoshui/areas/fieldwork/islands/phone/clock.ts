/**
 * How far the phone's clock is behind the server's: measured at each contact, kept between them.
 *
 * A clock that is set back while the app is open is noticed, because the time since the page began
 * cannot run backwards. A clock set forward looks like a phone that slept; the server marks it.
 */

const JUMP_MS = 2000;

export class PhoneClock {
  behind_ms: number | null = null;
  private wall: number;
  private steady: number;

  constructor(
    private readonly now: () => number = () => Date.now(),
    private readonly since: () => number = () => performance.now(),
  ) {
    this.wall = now();
    this.steady = since();
  }

  /** Take the server's clock at an answer that took `trip_ms` there and back. */
  measure(server_ms: number, trip_ms: number): void {
    this.look();
    this.behind_ms = Math.round(server_ms + trip_ms / 2 - this.now());
  }

  /** The phone's clock, after a look whether somebody has set it back. */
  look(): number {
    const wall = this.now();
    const steady = this.since();
    const jump = wall - this.wall - (steady - this.steady);
    if (jump < -JUMP_MS && this.behind_ms !== null) this.behind_ms = Math.round(this.behind_ms - jump);
    this.wall = wall;
    this.steady = steady;
    return wall;
  }

  /** What the server's clock shows, as well as we know. */
  true_ms(): number {
    return this.look() + (this.behind_ms ?? 0);
  }
}
