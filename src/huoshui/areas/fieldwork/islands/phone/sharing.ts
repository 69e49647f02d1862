/**
 * The place of this phone, shared with the dispatcher: off until somebody presses, in the shift only.
 *
 * Nothing is stored on the phone and nothing is sent later: a place that found no line is forgotten.
 */
import { h } from "@ui/dom";
import { clock } from "@ui/format";
import { t } from "@ui/i18n";
import type { App } from "./app";
import * as base from "./base";
import { metres } from "./jobs";
import { sheet } from "./widgets";

const EVERY_MS = 60_000;
/** One who stands still need not say so each minute. */
const STANDING_MS = 300_000;
const MOVED_M = 50;
const ACCURATE_M = 200;

interface Spot {
  lon: number;
  lat: number;
}

/** Whether a place is worth telling: a minute after the last one, and farther away or much later. */
export function worthTelling(told: (Spot & { at_ms: number }) | null, now: Spot & { at_ms: number; accuracy_m: number }): boolean {
  if (now.accuracy_m > ACCURATE_M) return false;
  if (!told) return true;
  const since = now.at_ms - told.at_ms;
  return since >= STANDING_MS || (since >= EVERY_MS && metres(told, now) > MOVED_M);
}

export class Sharing {
  is_on = false;
  private told: (Spot & { at_ms: number }) | null = null;

  constructor(private readonly app: App) {}

  async load(): Promise<void> {
    this.is_on = (await base.get<boolean>(this.app.db, "meta", "shares_place")) ?? false;
  }

  inShift(): boolean {
    const until = this.app.day?.shift_until;
    return Boolean(until) && this.app.shownNow() < Date.parse(until ?? "");
  }

  /** Take a fresh place of the phone; tells it where that is agreed, and forgets it otherwise. */
  async offer(spot: Spot & { at_ms: number; accuracy_m: number }): Promise<void> {
    if (!this.is_on || !this.inShift() || !worthTelling(this.told, spot)) return;
    const before = this.told;
    this.told = spot;
    try {
      await this.app.sync.tellPlace(spot);
    } catch {
      this.told = before;
    }
  }

  private async set(on: boolean): Promise<void> {
    this.is_on = on;
    this.told = null;
    await base.write(this.app.db, ["meta"], (store) => {
      store("meta").put(on, "shares_place");
      store("meta").put(true, "place_to_forget");
    });
    if (on && this.app.spot) await this.offer(this.app.spot);
    if (!on) await this.forget();
    this.app.changed();
  }

  /** Let the office forget the place; without a line now, at the next contact. */
  async forget(): Promise<void> {
    if (this.is_on || !(await base.get<boolean>(this.app.db, "meta", "place_to_forget"))) return;
    try {
      await this.app.sync.tellPlace(null);
      await base.write(this.app.db, ["meta"], (store) => store("meta").put(false, "place_to_forget"));
    } catch {
      // The next contact tries again.
    }
  }

  private ask(): void {
    const close = sheet(t("Share my place?"), [
      h("div", { class: "ph-form" },
        h("p", {}, t("The dispatcher sees on the map where your crew is, so that the nearest one is sent.")),
        h("ul", {},
          h("li", {}, t("Only during your shift; off duty nothing is sent.")),
          h("li", {}, t("Only the last place is kept, never the way.")),
          h("li", {}, t("You can switch it off at any time; the last place is then forgotten."))),
        h("button", { type: "button", class: "btn btn-primary ph-big", "data-share": "yes", click: () => { close(); void this.set(true); } }, t("I agree: share it")),
        h("button", { type: "button", class: "btn ph-big", click: () => close() }, t("Do not share"))),
    ], "share");
  }

  /** The line at the foot of my jobs. */
  row(): HTMLElement | null {
    if (!this.app.day?.crew) return null;
    const state = !this.is_on ? t("Your place is not shared.")
      : !this.inShift() ? t("Your place is shared in your shift; now you are off duty.")
      : this.told ? t("Your place is shared; told {time}.", { time: clock(this.app.shownNow()) })
      : t("Your place is shared in your shift.");
    const press = () => (this.is_on ? void this.set(false) : this.ask());
    return h("div", { class: "ph-share", "data-shared": String(this.is_on) }, h("span", { class: "ph-soft" }, state),
      h("button", { type: "button", class: "btn ph-small", "data-deed": "share", click: press }, this.is_on ? t("Stop sharing") : t("Share my place")));
  }
}
