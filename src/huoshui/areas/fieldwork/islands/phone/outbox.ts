/** What was written down and waits: entries in their order, pictures by their content. */
import * as base from "./base";
import type { PhoneClock } from "./clock";
import { listText, sha256 } from "./hashing";
import type { Body, Entry, Kind, Photo, Receipt, Reckoned } from "./types";

export interface Picture {
  bytes: ArrayBuffer;
  small: string;
}

export interface Spot {
  lon: number;
  lat: number;
  accuracy_m: number;
}

const KEPT_DAYS = 3;
const DAY_MS = 86_400_000;

export class Outbox {
  entries: Entry[] = [];
  photos = new Map<string, Photo>();
  phone_id = "";
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly db: IDBDatabase,
    private readonly clock: PhoneClock,
    private readonly changed: () => void,
  ) {}

  async load(): Promise<void> {
    this.phone_id = (await base.get<string>(this.db, "meta", "phone_id")) ?? "";
    if (!this.phone_id) {
      this.phone_id = crypto.randomUUID();
      await base.write(this.db, ["meta"], (store) => store("meta").put(this.phone_id, "phone_id"));
    }
    await this.reload();
  }

  /** Read again what is on the disk; another window of the same phone may have written. */
  async reload(): Promise<void> {
    const entries = await base.all<Entry>(this.db, "entries");
    this.entries = entries.sort((one, other) => one.number - other.number);
    const photos = await base.all<Photo>(this.db, "photos");
    this.photos = new Map(photos.map((one) => [one.hash, one]));
  }

  /** Write a deed down, with its picture if it has one: both are on the disk, or none. */
  add(kind: Kind, job: string, body: Body, picture?: Picture, spot?: Spot | null, replaces?: Entry): Promise<Entry> {
    const made = this.turn.then(() =>
      navigator.locks.request("huoshui-phone-write", () => this.addNow(kind, job, body, picture, spot, replaces)),
    );
    this.turn = made.catch(() => undefined);
    return made;
  }

  private async addNow(
    kind: Kind,
    job: string,
    body: Body,
    picture?: Picture,
    spot?: Spot | null,
    replaces?: Entry,
  ): Promise<Entry> {
    await this.reload();
    const number = ((await base.get<number>(this.db, "meta", "number")) ?? 0) + 1;
    const at_ms = this.clock.look();
    const photo_hash = picture ? await sha256(picture.bytes) : "";
    const said: Body = picture ? { ...body, hash: photo_hash, size: picture.bytes.byteLength } : body;
    const id = crypto.randomUUID();
    const payload = JSON.stringify({
      id, number, kind, job, at_ms, behind_ms: this.clock.behind_ms, body: said, ...(spot ?? {}),
    });
    const entry: Entry = {
      id, number, kind, job, body: said, at_ms, payload, payload_hash: await sha256(payload), photo_hash, receipt: null,
    };
    await base.write(this.db, ["meta", "entries", "photos"], (store) => {
      store("meta").put(number, "number");
      store("entries").put(entry);
      if (replaces) store("entries").put({ ...replaces, corrected: true });
      if (picture && !this.photos.has(photo_hash)) store("photos").put(this.photoOf(photo_hash, picture));
    });
    await this.reload();
    this.changed();
    return entry;
  }

  private photoOf(hash: string, picture: Picture): Photo {
    const { bytes, small } = picture;
    return { hash, size: bytes.byteLength, bytes, small, sent_bytes: 0, is_kept: false, refused: "" };
  }

  waiting(): Entry[] {
    return this.entries.filter((one) => !one.receipt);
  }

  photosWaiting(): Photo[] {
    return [...this.photos.values()].filter((one) => !one.is_kept && !one.refused);
  }

  refused(): Entry[] {
    return this.entries.filter((one) => one.receipt?.outcome === "refused" && !one.corrected);
  }

  ofJob(number: string): Entry[] {
    return this.entries.filter((one) => one.job === number);
  }

  async note(receipts: Receipt[]): Promise<void> {
    const known = new Map(this.entries.map((one) => [one.id, one]));
    await base.write(this.db, ["entries"], (store) => {
      for (const receipt of receipts) {
        const entry = known.get(receipt.id);
        // What was damaged on its way stays in line and goes again.
        if (entry && receipt.code !== "fieldwork.entry_damaged") store("entries").put({ ...entry, receipt });
      }
    });
    await this.reload();
    this.changed();
  }

  async notePhoto(hash: string, change: Partial<Photo>): Promise<void> {
    const photo = this.photos.get(hash);
    if (!photo) return;
    const next = { ...photo, ...change };
    await base.write(this.db, ["photos"], (store) => store("photos").put(next));
    this.photos.set(hash, next);
    this.changed();
  }

  /** What the server says it does not have goes into the line again. */
  async sendAgain(found: Reckoned): Promise<void> {
    const wanted = new Set([...found.missing, ...found.differing]);
    const photos = found.photos_missing.filter((hash) => this.photos.get(hash)?.bytes);
    await base.write(this.db, ["entries", "photos"], (store) => {
      for (const entry of this.entries) if (wanted.has(entry.id)) store("entries").put({ ...entry, receipt: null });
      for (const hash of photos) {
        store("photos").put({ ...this.photos.get(hash), is_kept: false, sent_bytes: 0, refused: "" });
      }
    });
    await this.reload();
    this.changed();
  }

  /** Everything on this phone, as the server is asked to compare it. */
  async list(): Promise<{ entries: Record<string, string>; photos: string[]; list_hash: string }> {
    const entries = Object.fromEntries(this.entries.map((one) => [one.id, one.payload_hash]));
    const photos = [...this.photos.keys()].sort();
    return { entries, photos, list_hash: await sha256(listText(entries, photos)) };
  }

  /** Forget what was agreed days ago; what waits or was refused always stays. */
  async forgetAgreed(agreed_ms: number): Promise<void> {
    const before = agreed_ms - KEPT_DAYS * DAY_MS;
    const old = this.entries.filter((one) => one.receipt && one.receipt.outcome !== "refused" && one.at_ms < before);
    const kept = new Set(this.entries.filter((one) => !old.includes(one)).map((one) => one.photo_hash));
    await base.write(this.db, ["entries", "photos"], (store) => {
      for (const entry of old) {
        store("entries").delete(entry.id);
        const photo = this.photos.get(entry.photo_hash);
        if (photo?.is_kept && !kept.has(entry.photo_hash)) store("photos").delete(entry.photo_hash);
      }
    });
    await this.reload();
  }
}
