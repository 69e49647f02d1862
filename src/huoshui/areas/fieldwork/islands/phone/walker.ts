/** Records the walk under way: from the receiver to the disk, and at the end into the outbox. */
import type { App } from "./app";
import { type ChecksGiven, type Given, type Round, type Walk, WalkBase } from "./walkbase";
import { type Fix, Passed, pieces, type Placed, secondsSince } from "./walkmodel";

const EVERY_MS = 4000;
const MOVED_M = 6;
/** With a full piece of the track it must fit into one entry, which the server takes up to 20,000 characters. */
const SEEN_CHARS = 6_000;

export class Walker {
  given: Given | null = null;
  checks: ChecksGiven | null = null;
  walk: Walk | null = null;
  passed: Passed | null = null;
  latest: Fix | null = null;
  /** Where the receiver was heard last, and when by the phone's own clock. */
  placed: Placed | null = null;
  trouble = "";
  /** What the screen is told when something has changed. */
  changed: () => void = () => undefined;
  private base: WalkBase | null = null;
  private person = 0;
  private watch: number | null = null;
  private kept: { ms: number; lon: number; lat: number } | null = null;
  private awake: WakeLockSentinel | null = null;
  private handing: Promise<void> | null = null;
  private asked_ms = 0;
  private over: () => void = () => undefined;

  constructor(private readonly app: App) {
    document.addEventListener("visibilitychange", () => void this.stayAwake());
  }

  /** Open the store of whoever carries the phone; a walk that was under way goes on by itself. */
  async open(): Promise<void> {
    const person = this.app.day?.person_id ?? 0;
    if (!person || (this.base && person === this.person)) return;
    this.base?.close();
    this.person = person;
    this.base = await WalkBase.open(person);
    this.given = (await this.base.given()) ?? null;
    this.checks = (await this.base.checks()) ?? null;
    const walk = await this.base.walk();
    if (!walk) return;
    if (walk.ended) await this.handOver(walk);
    else await this.record(walk);
    this.changed();
  }

  /** Fetch the rounds where there is signal; without, those kept before stay. */
  async fetch(): Promise<void> {
    if (Date.now() - this.asked_ms < 20_000) return;
    this.asked_ms = Date.now();
    await this.open();
    const given = await this.ask<Given>(this.app.props.rounds_url);
    if (given) {
      this.given = given;
      await this.base?.keepGiven(given);
      this.changed();
    }
    const asked_ms = this.app.clock.look();
    const checks = await this.ask<Omit<ChecksGiven, "fetched_ms">>(this.app.props.checks_url);
    if (checks) {
      this.checks = { ...checks, fetched_ms: asked_ms };
      await this.base?.keepChecks(this.checks);
      this.changed();
    }
  }

  /** Ask the server; nothing where there is no signal, so that what the phone has is shown. */
  private async ask<T>(url: string): Promise<T | null> {
    try {
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(20_000) });
      return answer.ok ? ((await answer.json()) as T) : null;
    } catch {
      return null;
    }
  }

  async begin(round: Round): Promise<void> {
    await this.open();
    if (!this.base || !this.given || this.walk) return;
    const other = await this.base.walk();
    if (other && !other.ended) {
      // Another window of this phone has begun one.
      await this.record(other);
      this.changed();
      return;
    }
    const walk: Walk = { id: crypto.randomUUID(), round, limits: this.given.limits, began_ms: this.app.clock.true_ms(), seen: [], findings: 0, ended: false };
    await this.base.keepWalk(walk);
    await this.record(walk);
    this.changed();
  }

  private async record(walk: Walk): Promise<void> {
    this.walk = walk;
    this.passed = new Passed(walk.round.pipes, walk.round.near_m, walk.limits);
    for (const fix of (await this.base?.fixes()) ?? []) {
      this.passed.add(fix);
      this.latest = fix;
    }
    this.trouble = "elsewhere";
    // Two windows of one phone must not write the same walk; the second waits for the first to close.
    void navigator.locks.request("huoshui-phone-walk", () => this.listen(walk.id));
    void this.stayAwake();
  }

  /** Hear the receiver until the walk is over; nothing where another window has ended it. */
  private async listen(id: string): Promise<void> {
    const goes_on = await this.isUnderWay(id);
    if (this.walk?.id !== id || this.walk.ended) return;
    if (!goes_on) {
      this.drop();
      return;
    }
    this.trouble = "";
    this.watch ??= navigator.geolocation.watchPosition((found) => void this.take(found), (error) => this.fail(error), { enableHighAccuracy: true, maximumAge: 0 });
    this.changed();
    await new Promise<void>((resolve) => (this.over = resolve));
  }

  /** Another window may have ended the walk. */
  private async isUnderWay(id: string): Promise<boolean> {
    const kept = await this.base?.walk();
    return kept?.id === id && !kept.ended;
  }

  private drop(): void {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.walk = this.passed = this.latest = this.placed = this.kept = null;
    this.trouble = "";
    this.over();
    void this.awake?.release().catch(() => undefined);
    this.awake = null;
    this.changed();
  }

  private fail(error: GeolocationPositionError): void {
    this.trouble = error.code === error.PERMISSION_DENIED ? "denied" : "weak";
    this.changed();
  }

  private async take({ coords }: GeolocationPosition): Promise<void> {
    const walk = this.walk;
    if (!walk || walk.ended || !this.base) return;
    const now = this.app.clock.true_ms();
    const { longitude: lon, latitude: lat } = coords;
    this.placed = { lon, lat, at_ms: Date.now() };
    const moved = this.kept ? Math.hypot((lon - this.kept.lon) * 91_000, (lat - this.kept.lat) * 111_195) : Infinity;
    this.trouble = "";
    if (this.kept && now - this.kept.ms < EVERY_MS && moved < MOVED_M) return;
    this.kept = { ms: now, lon, lat };
    if (!(await this.isUnderWay(walk.id))) {
      this.drop();
      return;
    }
    const fix: Fix = { lon, lat, s: secondsSince(walk.began_ms, now, this.latest?.s ?? 0), accuracy_m: Math.round(coords.accuracy) };
    this.latest = fix;
    this.passed?.add(fix);
    try {
      await this.base.addFix(fix);
    } catch {
      this.trouble = "full";
    }
    this.changed();
  }

  async noteSeen(code: string): Promise<void> {
    if (!this.walk || !this.base) return;
    const seen = this.walk.seen.includes(code) ? this.walk.seen.filter((one) => one !== code) : [...this.walk.seen, code];
    this.walk = { ...this.walk, seen };
    await this.base.keepWalk(this.walk);
    this.changed();
  }

  async noteFinding(): Promise<void> {
    if (!this.walk || !this.base) return;
    this.walk = { ...this.walk, findings: this.walk.findings + 1 };
    await this.base.keepWalk(this.walk);
    this.changed();
  }

  /** End the walk; from here on it only goes into the outbox, however often the phone dies. */
  async end(): Promise<void> {
    if (!this.walk || !this.base) return;
    const walk = { ...this.walk, ended: true };
    await this.base.keepWalk(walk);
    await this.handOver(walk);
    this.changed();
  }

  private handOver(walk: Walk): Promise<void> {
    this.handing ??= this.handNow(walk).finally(() => (this.handing = null));
    return this.handing;
  }

  private async handNow(walk: Walk): Promise<void> {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    const parts = pieces((await this.base?.fixes()) ?? []);
    const there = new Set(this.app.outbox.entries.filter((one) => one.kind === "walk" && one.body.walk === walk.id).map((one) => one.body.part));
    for (const [at, track] of parts.entries()) {
      if (there.has(at + 1)) continue;
      const began_ago_s = Math.max(0, (this.app.clock.true_ms() - walk.began_ms) / 1000);
      const seen = at === parts.length - 1 ? walk.seen.join("\n").slice(0, SEEN_CHARS) : "";
      if (!(await this.app.add("walk", "", { walk: walk.id, round: walk.round.code, part: at + 1, parts: parts.length, began_ago_s, track, seen }))) return;
    }
    await this.base?.forget();
    this.drop();
  }

  /** Receivers sleep with the screen; it stays on while somebody walks. */
  private async stayAwake(): Promise<void> {
    if (!this.walk || this.walk.ended || document.visibilityState !== "visible") return;
    this.awake = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }
}
