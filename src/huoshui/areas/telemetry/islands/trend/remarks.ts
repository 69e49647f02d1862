/** Remarks on a trend: writing one at the cursor, listing those in view, taking one's own away. */
import { h } from "@ui/dom";
import { getJson, sendJson } from "@ui/fetch";
import { moment } from "@ui/format";
import { t } from "@ui/i18n";
import type { RemarkMark } from "./option";
import { boxMoment, boxText } from "./period";

interface Sources {
  url: string;
  may: boolean;
  /** Points a remark can be about, by name. */
  points: () => { code: string; name: string }[];
  /** Where a new remark begins: at the cursor, else in the middle of the view. */
  at: () => number;
  unshift: (ms: number) => number;
  changed: () => void;
}

export class Remarks {
  readonly el = h("div", { class: "trend-remarks" });
  private readonly form = h("div", {});
  private readonly list = h("ul", { class: "trend-remark-list" });
  private taken: number | null = null;

  constructor(private readonly from: Sources) {
    const add = h("button", { type: "button", class: "btn btn-sm" }, t("Leave a remark"));
    add.addEventListener("click", () => this.ask());
    this.el.append(...(from.may ? [add] : []), this.form, this.list);
  }

  async load(query: string, signal: AbortSignal): Promise<RemarkMark[]> {
    return await getJson<RemarkMark[]>(`${this.from.url}?${query}`, { signal, quiet: true });
  }

  show(remarks: RemarkMark[]): void {
    const names = new Map(this.from.points().map((one) => [one.code, one.name]));
    const rows = remarks.map((one) => {
      const when = one.until_ms === null ? moment(one.from_ms) : `${moment(one.from_ms)} – ${moment(one.until_ms)}`;
      return h("li", {}, h("b", {}, when), ` ${names.get(one.point) ?? one.point}: ${one.text} `, h("small", {}, one.by), " ", ...(one.own ? [this.button(t("Remove"), () => this.remove(one.id))] : []));
    });
    if (this.taken !== null) {
      const id = this.taken;
      rows.unshift(h("li", {}, t("Remark removed."), " ", this.button(t("Undo"), () => this.bringBack(id))));
    }
    this.list.replaceChildren(...rows);
  }

  private button(label: string, act: () => Promise<void>): HTMLElement {
    const made = h("button", { type: "button", class: "btn btn-sm btn-ghost-secondary" }, label);
    made.addEventListener("click", () => void act());
    return made;
  }

  private ask(): void {
    const point = h("select", { class: "form-select form-select-sm", "aria-label": t("Point") });
    for (const one of this.from.points()) point.append(h("option", { value: one.code }, one.name));
    const text = h("input", { class: "form-control form-control-sm", maxlength: "500", placeholder: t("What happened?"), "aria-label": t("What happened?") });
    const begin = h("input", { type: "datetime-local", class: "form-control form-control-sm", value: boxText(this.from.at()), "aria-label": t("From") });
    const end = h("input", { type: "datetime-local", class: "form-control form-control-sm", "aria-label": t("Until (empty: a moment)") });
    const save = h("button", { type: "button", class: "btn btn-sm btn-primary" }, t("Save"));
    const cancel = h("button", { type: "button", class: "btn btn-sm" }, t("Cancel"));
    cancel.addEventListener("click", () => this.form.replaceChildren());
    const send = async () => {
      const from = boxMoment(begin.value, this.from.unshift);
      const until = boxMoment(end.value, this.from.unshift);
      if (from === null || !text.value.trim()) return text.focus();
      // A refusal is told in the corner; what was typed stays.
      await sendJson(this.from.url, { point: point.value, text: text.value, from: new Date(from).toISOString(), until: until === null ? null : new Date(until).toISOString() });
      this.form.replaceChildren();
      this.taken = null;
      this.from.changed();
    };
    save.addEventListener("click", () => void send());
    text.addEventListener("keydown", (event) => event.key === "Enter" && void send());
    this.form.replaceChildren(h("div", { class: "trend-remark-form" }, point, begin, end, text, save, cancel));
    text.focus();
  }

  private async remove(id: number): Promise<void> {
    await sendJson(`${this.from.url}/${id}/remove`, {});
    this.taken = id;
    this.from.changed();
  }

  private async bringBack(id: number): Promise<void> {
    await sendJson(`${this.from.url}/${id}/bring-back`, {});
    this.taken = null;
    this.from.changed();
  }
}
