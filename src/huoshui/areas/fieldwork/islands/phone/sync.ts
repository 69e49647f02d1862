/**
 * The line to the server, always in the background: nothing on the screen ever waits for it.
 *
 * Entries go first and in order, because they are small and others wait for them; then pictures,
 * piece by piece, each going on where the server says it has got to.
 */
import type { PhoneClock } from "./clock";
import type { Outbox } from "./outbox";
import type { Day, Photo, Props, Receipt, Reckoned } from "./types";

export type Line = "unknown" | "reached" | "away" | "signed_out" | "not_allowed";

const AT_ONCE = 20;
const PIECE_BYTES = 128 * 1024;
const PATIENCE_MS = 20_000;
const DAY_EVERY_MS = 60_000;
const ROUND_EVERY_MS = 15_000;
/** What a server answers to a request whose content will never do. */
const UNREADABLE = [400, 413, 422];

class NoLine extends Error {}
class Answer extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class Sync {
  line: Line = "unknown";
  busy = false;
  reached_ms = 0;
  csrf = "";
  private day_ms = 0;
  private again = false;

  constructor(
    private readonly props: Props,
    private readonly outbox: Outbox,
    private readonly clock: PhoneClock,
    private readonly on: { day: (day: Day) => Promise<void>; changed: () => void },
  ) {}

  start(): void {
    const go = () => void this.round();
    window.addEventListener("online", go);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && go());
    window.setInterval(go, ROUND_EVERY_MS);
    go();
  }

  /** Send what waits; asked for while at work, it goes round once more. */
  async round(fresh = false): Promise<void> {
    if (fresh) this.day_ms = 0;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.on.changed();
    try {
      // Two windows of one phone must not send the same at the same time.
      await navigator.locks.request("huoshui-phone-sync", { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        do {
          this.again = false;
          await this.once();
        } while (this.again);
      });
    } catch (error) {
      this.line = lineOf(error);
      if (!(error instanceof NoLine) && !(error instanceof Answer)) console.error(error);
    } finally {
      this.busy = false;
      this.on.changed();
    }
  }

  private async once(): Promise<void> {
    await this.outbox.reload();
    if (!this.csrf || this.clock.look() - this.day_ms > DAY_EVERY_MS) await this.fetchDay();
    let waiting = this.outbox.waiting();
    while (waiting.length) {
      await this.sendEntries(waiting.slice(0, AT_ONCE));
      const next = this.outbox.waiting();
      if (next.length >= waiting.length) break;
      waiting = next;
    }
    for (const photo of this.outbox.photosWaiting()) await this.sendPhoto(photo);
    this.line = "reached";
    this.reached_ms = this.clock.true_ms();
  }

  private async fetchDay(): Promise<void> {
    const began = performance.now();
    const day = await this.ask<Day>("GET", this.props.day_url);
    this.clock.measure(day.server_ms, performance.now() - began);
    this.csrf = day.csrf_token;
    this.day_ms = this.clock.look();
    await this.on.day(day);
  }

  private async sendEntries(entries: { id: string; payload: string; payload_hash: string }[]): Promise<void> {
    const body = {
      phone_id: this.outbox.phone_id,
      sent_ms: this.clock.look(),
      entries: entries.map(({ id, payload, payload_hash }) => ({ id, payload, payload_hash })),
    };
    let receipts: Receipt[];
    try {
      receipts = (await this.ask<{ receipts: Receipt[] }>("POST", this.props.entries_url, JSON.stringify(body))).receipts;
    } catch (error) {
      // One that the server does not even read must not hold up those behind it: each goes alone.
      if (!(error instanceof Answer) || !UNREADABLE.includes(error.status)) throw error;
      const [first, ...more] = entries;
      if (more.length) {
        for (const one of entries) await this.sendEntries([one]);
        return;
      }
      receipts = first ? [notRead(first.id, error)] : [];
    }
    await this.outbox.note(receipts);
    // What a job has become of these deeds is news for its page.
    this.day_ms = 0;
  }

  private async sendPhoto(photo: Photo): Promise<void> {
    const bytes = photo.bytes;
    if (!bytes) return;
    const url = this.props.photo_url.replace("HASH", photo.hash);
    try {
      let state = await this.ask<{ received_bytes: number; is_kept: boolean }>("GET", url);
      while (!state.is_kept) {
        const from = Math.min(state.received_bytes, bytes.byteLength - 1);
        const piece = bytes.slice(from, from + PIECE_BYTES);
        const where = `${url}?offset=${from}&size_bytes=${bytes.byteLength}`;
        state = await this.ask("PUT", where, piece);
        if (!state.is_kept) await this.outbox.notePhoto(photo.hash, { sent_bytes: state.received_bytes });
      }
      await this.outbox.notePhoto(photo.hash, { is_kept: true, bytes: null, sent_bytes: photo.size });
    } catch (error) {
      // A picture that cannot be read stays on the phone and says so; the next ones still go.
      if (!(error instanceof Answer) || ![413, 422].includes(error.status)) throw error;
      await this.outbox.notePhoto(photo.hash, { refused: error.message });
    }
  }

  /** Count the day together with the server. */
  async reckon(day: string): Promise<Reckoned> {
    const list = await this.outbox.list();
    const body = JSON.stringify({ phone_id: this.outbox.phone_id, day, ...list });
    return await this.ask<Reckoned>("POST", this.props.reckoning_url, body);
  }

  /** Say where this phone is, or that this is no longer shared; without a line nothing is kept to be sent later. */
  async tellPlace(spot: { lon: number; lat: number } | null): Promise<string> {
    const body = spot ? JSON.stringify({ lon: spot.lon, lat: spot.lat }) : undefined;
    const answer = await this.ask<{ placed: string }>(spot ? "POST" : "DELETE", this.props.place_url, body);
    return answer.placed;
  }

  private async ask<T>(method: string, url: string, body?: string | ArrayBuffer): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.csrf;
    if (body !== undefined) headers["Content-Type"] = typeof body === "string" ? "application/json" : "application/octet-stream";
    let answer: Response;
    try {
      answer = await fetch(url, {
        method, headers, body: body ?? null, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.ok) return (await answer.json()) as T;
    } catch {
      throw new NoLine();
    }
    const said = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
    // A token of a session that has ended is asked for anew with the next day.
    if (answer.status === 403 && said.code === "pages.form_expired") this.csrf = "";
    throw new Answer(answer.status, said.code ?? "", said.message ?? "");
  }
}

function notRead(id: string, { code, message }: Answer): Receipt {
  return { id, outcome: "refused", code, message, next_step: "", is_kept: false, done_at: null, clock_off_s: 0, is_clock_doubted: false };
}

function lineOf(error: unknown): Line {
  if (!(error instanceof Answer)) return "away";
  if (error.status === 401) return "signed_out";
  if (error.status === 403 && error.code.startsWith("accounts.")) return "not_allowed";
  return "away";
}
