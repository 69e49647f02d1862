/** The app of a crew: opens from the phone's own store, draws itself, and lets the line work behind it. */
import { h } from "@ui/dom";
import { clock as clockText, day as dayText } from "@ui/format";
import { t, tn } from "@ui/i18n";
import { timeZone } from "@ui/page";
import * as base from "./base";
import { checkScreen } from "./check";
import { PhoneClock } from "./clock";
import { Outbox, type Picture, type Spot } from "./outbox";
import { jobScreen } from "./job";
import { mapScreen } from "./mapscreen";
import { jobsScreen } from "./jobs";
import { sentScreen } from "./sent";
import { siteScreen } from "./site";
import { Sharing } from "./sharing";
import { brought, joined } from "./state";
import { roomWords } from "./room";
import { Sync } from "./sync";
import { keepTiles } from "./tiles";
import type { Body, Day, Entry, Kind, Props } from "./types";
import { followLanguage, keepUpToDate } from "./update";
import { roundsScreen, walkScreen } from "./walk";
import { Walker } from "./walker";
import { icon, sheet, tell } from "./widgets";
import { amounts } from "./words";

const SPOT_FRESH_MS = 120_000;

export interface Screen {
  el: HTMLElement;
  /** Draw again with what is known now; without it the screen is built anew. */
  refresh?: () => void;
  stop?: () => void;
}

export class App {
  db!: IDBDatabase;
  outbox!: Outbox;
  sync!: Sync;
  day: Day | null = null;
  agreed: { at: string; day: string; entries: number; photos: number } | null = null;
  spot: (Spot & { at_ms: number }) | null = null;
  clock = new PhoneClock();
  sharing = new Sharing(this);
  room = "";
  walker = new Walker(this);
  private body = h("main", { class: "ph-body", id: "main" });
  private bar = h("header", { class: "ph-bar" });
  private tabs = h("nav", { class: "ph-tabs", "aria-label": t("Menu") });
  private screen: Screen | null = null;
  private shown = "";
  private tiling = "";
  private person = 0;

  constructor(
    readonly el: HTMLElement,
    readonly props: Props,
  ) {}

  async start(): Promise<void> {
    this.el.append(this.bar, this.body, this.tabs);
    keepUpToDate(this.props, this.el);
    void navigator.storage?.persist?.();
    this.person = await base.lastPerson();
    await this.open(this.person);
    window.addEventListener("hashchange", () => this.draw());
    this.locate();
    this.draw();
    this.sync.start();
    void this.walker.open();
  }

  private async open(person: number): Promise<void> {
    this.db = await base.openBase(person);
    this.outbox = new Outbox(this.db, this.clock, () => this.changed());
    await this.outbox.load();
    this.day = brought(await base.get<Partial<Day>>(this.db, "meta", "day"));
    this.agreed = (await base.get<App["agreed"]>(this.db, "meta", "agreed")) ?? null;
    this.clock.behind_ms = (await base.get<number>(this.db, "meta", "behind_ms")) ?? null;
    this.sync = new Sync(this.props, this.outbox, this.clock, { day: (day) => this.take(day), changed: () => this.changed() });
    await this.sharing.load();
    this.room = await roomWords();
  }

  /** A fresh day from the server; another person's phone opens another store. */
  private async take(day: Day): Promise<void> {
    if (day.person_id !== this.person) {
      const db = await base.openBase(day.person_id);
      await this.keepDay(db, day);
      await base.rememberPerson(day.person_id);
      window.location.reload();
      // Nothing may be sent under the wrong name while the page goes.
      await new Promise(() => undefined);
    }
    const jobs = joined(day.jobs, this.day?.jobs ?? [], this.outbox.entries);
    this.day = { ...day, jobs };
    void this.sharing.forget();
    await this.keepDay(this.db, this.day);
    this.room = await roomWords();
    this.changed();
    void followLanguage(day.language);
    const area = JSON.stringify([day.tiles?.revision, jobs.map((job) => job.number)]);
    if (area !== this.tiling) {
      this.tiling = area;
      const spots = jobs.filter((job) => job.lon !== null).map((job): [number, number] => [job.lon ?? 0, job.lat ?? 0]);
      void keepTiles(this.db, this.day, spots);
    }
  }

  private async keepDay(db: IDBDatabase, day: Day): Promise<void> {
    const kept = { ...day, csrf_token: "" };
    await base.write(db, ["meta"], (store) => {
      store("meta").put(kept, "day");
      store("meta").put(this.clock.behind_ms, "behind_ms");
    }).catch((error: unknown) => this.sayFull(error, t("the new list of jobs")));
  }

  /** Write a deed down; says plainly where the phone has no room for it. */
  async add(kind: Kind, job: string, body: Body, picture?: Picture, replaces?: Entry): Promise<boolean> {
    const fresh = this.spot && Date.now() - this.spot.at_ms < SPOT_FRESH_MS ? this.spot : null;
    const spot = fresh ? { lon: fresh.lon, lat: fresh.lat, accuracy_m: fresh.accuracy_m } : null;
    try {
      await this.outbox.add(kind, job, body, picture, spot, replaces);
    } catch (error) {
      if (!this.sayFull(error, picture ? t("this picture") : t("this entry"))) throw error;
      return false;
    }
    void roomWords().then((words) => (this.room = words));
    void this.sync.round();
    return true;
  }

  private sayFull(error: unknown, what: string): boolean {
    if (!(error instanceof base.StorageFull)) {
      console.error(error);
      return false;
    }
    const waits = amounts(this.outbox.waiting().length, this.outbox.photosWaiting().length);
    const kept = t("Everything kept before is safe; to be sent: {what}.", { what: waits });
    const close = sheet(t("The phone is full"), [
      h("p", { class: "ph-wrong" }, t("Not kept: {what}.", { what })),
      h("p", {}, kept),
      h("p", {}, t("What helps: go where there is signal, so that pictures are sent and make room; or delete films and apps you do not need. Then do it again.")),
      h("button", { type: "button", class: "btn btn-primary ph-big", click: () => close() }, t("Understood")),
    ], "storage-full");
    return true;
  }

  private locate(): void {
    navigator.geolocation?.watchPosition(
      ({ coords }) => {
        this.spot = { lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy), at_ms: Date.now() };
        void this.sharing.offer(this.spot);
        this.screen?.refresh?.();
      },
      () => undefined,
      { enableHighAccuracy: true, maximumAge: 30_000 },
    );
  }

  changed(): void {
    this.drawBar();
    this.drawTabs();
    if (this.screen?.refresh) this.screen.refresh();
    else this.draw();
  }

  async agree(found: { at: string; day: string; entries: number; photos: number }): Promise<void> {
    this.agreed = found;
    await base.write(this.db, ["meta"], (store) => store("meta").put(found, "agreed"));
    await this.outbox.forgetAgreed(this.clock.look());
  }

  today(): string {
    return new Intl.DateTimeFormat("en-CA", { timeZone: timeZone() }).format(new Date(this.day ? this.shownNow() : Date.now()));
  }

  /** What the product's clock shows now: the demo's may run apart from the computer's. */
  shownNow(): number {
    const day = this.day;
    return day ? Date.parse(day.shown_at) + (this.clock.true_ms() - day.server_ms) : this.clock.true_ms();
  }

  /** What the product's clock showed when this phone's clock showed a moment. */
  shownAt(at_ms: number): number {
    return this.shownNow() - (this.clock.look() - at_ms);
  }

  private draw(): void {
    this.drawBar();
    this.drawTabs();
    const [name = "", key = ""] = window.location.hash.replace(/^#\/?/, "").split("/");
    const scroll = this.shown === window.location.hash ? this.body.scrollTop : 0;
    this.screen?.stop?.();
    this.shown = window.location.hash;
    const job = this.day?.jobs.find((one) => one.number === decodeURIComponent(key));
    if (!this.day) this.screen = { el: this.empty() };
    else if (name === "job" && job) this.screen = jobScreen(this, this.day, job);
    else if (name === "map") this.screen = mapScreen(this, this.day);
    else if (name === "sent") this.screen = sentScreen(this, this.day);
    else if (name === "rounds") this.screen = roundsScreen(this);
    else if (name === "walk") this.screen = walkScreen(this, this.day, decodeURIComponent(key));
    else if (name === "check") this.screen = checkScreen(this, this.day, decodeURIComponent(key));
    else if (name === "site") this.screen = siteScreen(this, this.day, decodeURIComponent(key));
    else this.screen = jobsScreen(this, this.day);
    this.body.replaceChildren(this.screen.el);
    this.body.scrollTop = scroll;
  }

  private empty(): HTMLElement {
    const words = {
      unknown: t("Fetching your jobs …"),
      reached: t("Fetching your jobs …"),
      away: t("There is no signal, and this phone has not fetched any jobs yet. Go where there is signal once."),
      signed_out: t("Please sign in."),
      not_allowed: t("Your posts do not include field work. Ask the crew leader."),
    }[this.sync.line];
    return h("div", { class: "ph-empty" }, h("p", {}, words), this.sync.line === "signed_out" && this.signIn());
  }

  signIn(): HTMLElement {
    return h("a", { class: "btn btn-primary ph-big", href: this.props.sign_in_url }, t("Sign in"));
  }

  private drawBar(): void {
    const entries = this.outbox.waiting().length;
    const photos = this.outbox.photosWaiting().length;
    const waits = entries + photos ? amounts(entries, photos) : "";
    const away = this.sync.line === "away" || this.sync.line === "signed_out";
    let words = t("Everything is sent");
    let kind = "good";
    if (waits) [words, kind] = [t("{what} to be sent; kept on this phone", { what: waits }), away ? "away" : "busy"];
    if (!waits && away) [words, kind] = [t("No signal; everything is sent"), "away"];
    if (this.sync.line === "signed_out") [words, kind] = [waits ? t("Sign in to send {what}", { what: waits }) : t("You are signed out"), "bad"];
    if (this.sync.line === "unknown" && !waits) [words, kind] = [t("Looking for the server …"), "busy"];
    if (this.outbox.refused().length) [words, kind] = [tn("{n} entry was not taken: look at “Outbox”", "{n} entries were not taken: look at “Outbox”", this.outbox.refused().length), "bad"];
    this.bar.dataset.kind = kind;
    this.bar.dataset.line = this.sync.line;
    this.bar.dataset.waiting = String(entries + photos);
    const name = h("a", { class: "ph-line", href: "#/sent" }, icon(this.props, kind === "away" ? "cloud-off" : kind === "good" ? "circle-check" : kind === "bad" ? "alert-triangle" : "refresh"), h("span", {}, words));
    const time = h("span", { class: "ph-time" }, clockText(this.shownNow()));
    this.bar.replaceChildren(name, time);
    if (this.sync.line === "signed_out") this.bar.append(h("a", { class: "btn btn-sm", href: this.props.sign_in_url }, t("Sign in")));
  }

  private drawTabs(): void {
    const here = window.location.hash.replace(/^#\/?/, "").split("/")[0] || "jobs";
    const tab = (name: string, sign: string, words: string, count = 0) =>
      h("a", { href: `#/${name}`, "aria-current": here === name || (name === "jobs" && here === "job") || (name === "rounds" && ["walk", "check", "site"].includes(here)) ? "page" : null }, icon(this.props, sign), h("span", {}, words), count > 0 && h("b", {}, String(count)));
    const waits = this.outbox.waiting().length + this.outbox.photosWaiting().length;
    this.tabs.replaceChildren(
      tab("jobs", "clipboard-list", t("My jobs")),
      tab("map", "map", t("Map")),
      tab("rounds", "road", t("Patrol")),
      tab("sent", "upload", t("Outbox"), waits + this.outbox.refused().length),
    );
  }

  csrf(): string {
    return this.sync.csrf;
  }

  dayWords(): string {
    return dayText(this.shownNow());
  }

  tell(words: string): void {
    tell(this.el, words);
  }
}
