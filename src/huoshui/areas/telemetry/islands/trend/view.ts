/** The period one looks at: moving, zooming, and staying with the present. */
import { SPANS, type SpanName } from "./toolbar";

const SHORTEST_MS = 600_000;
const LONGEST_MS = 3 * SPANS.year;

export class View {
  /** Whether the end of the view moves on with new readings. */
  following = true;

  constructor(
    public from_ms: number,
    public until_ms: number,
    public latest_ms: number,
  ) {
    this.following = until_ms >= latest_ms;
  }

  get span_ms(): number {
    return this.until_ms - this.from_ms;
  }

  set(from_ms: number, until_ms: number): void {
    this.from_ms = from_ms;
    this.until_ms = until_ms;
    this.following = until_ms >= this.latest_ms;
  }

  choose(span: SpanName): void {
    const until = this.following ? this.latest_ms : this.until_ms;
    this.set(until - SPANS[span], until);
  }

  move(share: number): void {
    const step = this.span_ms * share;
    this.set(this.from_ms + step, this.until_ms + step);
  }

  zoom(by: number): void {
    const span = Math.min(Math.max(this.span_ms * by, SHORTEST_MS), LONGEST_MS);
    const until = this.following ? this.until_ms : (this.from_ms + this.until_ms + span) / 2;
    this.set(until - span, until);
  }

  toNow(): void {
    this.set(this.latest_ms - this.span_ms, this.latest_ms);
  }

  /** Take note of a reading: the view goes with it if it follows the present. */
  reached(at_ms: number): void {
    if (at_ms <= this.latest_ms) return;
    if (this.following) {
      const step = Math.max(0, at_ms - this.until_ms);
      this.from_ms += step;
      this.until_ms += step;
    }
    this.latest_ms = at_ms;
  }

  /** The name of the span, if it is one of the usual. */
  name(): SpanName | null {
    return (Object.keys(SPANS) as SpanName[]).find((one) => Math.abs(this.span_ms / SPANS[one] - 1) < 0.02) ?? null;
  }

  /** What a key does to the view; null for a key without a meaning here. */
  deed(key: string): (() => void) | null {
    const deeds: Record<string, () => void> = {
      ArrowLeft: () => this.move(-0.25),
      ArrowRight: () => this.move(0.25),
      "+": () => this.zoom(0.5),
      "=": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      End: () => this.toNow(),
      d: () => this.choose("day"),
      w: () => this.choose("week"),
      m: () => this.choose("month"),
      y: () => this.choose("year"),
    };
    return deeds[key] ?? null;
  }
}
