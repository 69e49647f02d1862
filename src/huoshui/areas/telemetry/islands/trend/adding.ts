/** Boxes that add a line: a declared point, or a formula over points. */
import { h } from "@ui/dom";
import { getJson, Refused } from "@ui/fetch";
import { t } from "@ui/i18n";
import type { SentLine } from "./columns";
import type { Formula } from "./state";

/** Offers points by code and name; `choose` gets the code of one that exists. */
export function pointBox(url: string, choose: (code: string) => void): HTMLElement {
  const known = h("datalist", { id: "trend-points" });
  const box = h("input", { class: "form-control form-control-sm", list: "trend-points", placeholder: t("Compare with …"), "aria-label": t("Compare with another point") });
  const suggest = async () => {
    const points = await getJson<{ code: string; name: string }[]>(url);
    known.replaceChildren(...points.map((one) => h("option", { value: one.code }, one.name)));
  };
  box.addEventListener("focus", () => void suggest(), { once: true });
  box.addEventListener("change", () => {
    const code = box.value.trim();
    const offered = [...known.querySelectorAll("option")].some((one) => one.value === code);
    box.classList.toggle("is-invalid", code !== "" && !offered);
    if (!offered) return;
    box.value = "";
    choose(code);
  });
  return h("span", {}, box, known);
}

/** Asks for a formula; what is wrong with it is said below the box, with the place. */
export function formulaBox(ask: (formula: Formula) => Promise<SentLine>, add: (formula: Formula) => void): HTMLElement {
  const text = h("input", { class: "form-control form-control-sm trend-formula", placeholder: "{p227.flow} + {p235.flow}", "aria-label": t("Formula over points") });
  const label = h("input", { class: "form-control form-control-sm", placeholder: t("Name of the line"), "aria-label": t("Name of the line") });
  const unit = h("input", { class: "form-control form-control-sm trend-bound", placeholder: t("Unit"), "aria-label": t("Unit") });
  const button = h("button", { type: "button", class: "btn btn-sm" }, t("Add"));
  const fault = h("div", { class: "text-danger small", role: "alert" });
  const send = async () => {
    const formula = { text: text.value.trim(), label: label.value.trim(), unit: unit.value.trim() };
    fault.textContent = "";
    text.classList.remove("is-invalid");
    try {
      await ask(formula);
    } catch (problem) {
      text.classList.add("is-invalid");
      fault.textContent = problem instanceof Refused ? problem.message : t("The server could not answer. Try again.");
      const at = problem instanceof Refused ? problem.data.position : null;
      text.focus();
      if (typeof at === "number") text.setSelectionRange(at, at + 1);
      return;
    }
    text.value = label.value = "";
    add(formula);
  };
  button.addEventListener("click", () => void send());
  text.addEventListener("keydown", (event) => event.key === "Enter" && void send());
  return h("details", { class: "trend-why" },
    h("summary", {}, t("Add a calculated line")),
    h("p", { class: "hs-note" }, t("Points stand in braces. Allowed are + - * / **, brackets, comparisons, min, max, abs, where, mean, delta, rate.")),
    h("div", { class: "trend-adding" }, text, label, unit, button), fault);
}
