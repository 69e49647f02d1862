/** One line under the board's head: what was just done and how to undo it, or that somebody was quicker. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";

export const UNDO_MS = 10_000;

export class DeedBar {
  readonly el = h("div", { class: "fw-deed", role: "status", "aria-live": "polite" });
  private timer = 0;

  clear(): void {
    window.clearInterval(this.timer);
    this.el.replaceChildren();
  }

  /** Say what was done, with a way back for ten seconds. */
  done(words: string, undo: () => void): void {
    this.clear();
    const until = performance.now() + UNDO_MS;
    const left = h("span", { "aria-hidden": "true" });
    const button = h("button", { class: "btn btn-sm", type: "button", "data-fw": "undo", click: () => { this.clear(); undo(); } }, t("Undo"), left);
    const count = () => {
      const seconds = Math.ceil((until - performance.now()) / 1000);
      if (seconds <= 0) this.clear();
      else left.textContent = ` ${seconds}`;
    };
    this.el.replaceChildren(h("div", { class: "fw-said alert alert-info" }, h("span", {}, words), button));
    count();
    this.timer = window.setInterval(count, 250);
  }

  /** Say that somebody else was quicker; nothing was changed. */
  conflict(words: string, label: string, anyway: () => void): void {
    this.clear();
    this.el.replaceChildren(h("div", { class: "fw-said alert alert-warning", role: "alert", "data-fw": "conflict" }, h("span", {}, words),
      h("span", { class: "fw-buttons" },
        h("button", { class: "btn btn-sm btn-primary", type: "button", "data-fw": "leave", click: () => this.clear() }, t("Leave it so")),
        h("button", { class: "btn btn-sm", type: "button", "data-fw": "anyway", click: () => { this.clear(); anyway(); } }, label))));
  }
}
