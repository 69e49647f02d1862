/**
 * Binds parts of a drawing to points: one points at a part, then says what it follows and how.
 *
 *     {% island "telemetry/mimic-editor" props %}
 *
 * Needs beside it the drawing (`#mimic-drawing`) and the form (`#mimic-bindings`) whose hidden field
 * `bindings` receives what changed, as {part: {point, kind, show, ...}}; an empty object frees a part.
 */
import { t } from "@ui/i18n";
import { h as element } from "@ui/dom";
import "./mimic/mimic.css";

interface Props {
  parts: { id: string; text: string }[];
  is_template: boolean;
  shows: Record<string, string>;
  kinds: Record<string, string>;
  points: { code: string; name: string }[];
}

type Binding = Record<string, string>;

/** Which further values each way of showing needs. */
const NEEDS: Record<string, [name: string, label: () => string][]> = {
  value: [["decimals", () => t("Decimals (empty: as the point has)")]],
  level: [["min", () => t("Value when empty")], ["max", () => t("Value when full")]],
  turn: [["above", () => t("Turns above")]],
  flow: [["direction", () => t("Direction (1, or -1 to turn it round)")]],
  colour: [["steps", () => t("Steps, such as 0:#e03131;20:#2f9e44")]],
  appear: [["above", () => t("Seen above")]],
  alarm: [],
};

class Editor {
  private readonly changed = new Map<string, Binding>();
  private readonly field: HTMLInputElement | null;
  private readonly fields = element("div");
  private readonly list: HTMLSelectElement;
  private part = "";

  constructor(el: HTMLElement, private readonly props: Props) {
    this.field = document.querySelector<HTMLInputElement>("#mimic-bindings [name=bindings]");
    this.list = element("select", { class: "form-select", "aria-label": t("Part of the drawing") });
    this.list.append(element("option", { value: "" }, t("Point at a part, or choose it here")));
    for (const one of props.parts) this.list.append(element("option", { value: one.id }, one.text ? `${one.id} – ${one.text}` : one.id));
    this.list.addEventListener("change", () => this.choose(this.list.value));
    el.append(this.list, this.fields, this.codes());
    document.querySelector("#mimic-drawing")?.addEventListener("click", (event) => {
      const known = new Set(props.parts.map((one) => one.id));
      let at = event.target as Element | null;
      while (at && !known.has(at.id)) at = at.parentElement;
      if (at) this.choose(at.id);
    });
  }

  private codes(): HTMLElement {
    const list = element("datalist", { id: "mimic-points" });
    for (const one of this.props.points) list.append(element("option", { value: one.code }, one.name));
    return list;
  }

  private drawn(): SVGElement | null {
    return this.part ? document.querySelector<SVGElement>(`#mimic-drawing [id="${CSS.escape(this.part)}"]`) : null;
  }

  private bindingOf(): Binding {
    const kept = this.changed.get(this.part);
    if (kept) return kept;
    return { ...(this.drawn()?.dataset as Binding | undefined) };
  }

  private choose(part: string): void {
    this.drawn()?.classList.remove("mm-chosen");
    this.part = part;
    this.list.value = part;
    this.drawn()?.classList.add("mm-chosen");
    this.fields.replaceChildren();
    if (part) this.ask(this.bindingOf());
  }

  private ask(binding: Binding): void {
    const show = binding.show ?? "value";
    const follows: HTMLElement = this.props.is_template
      ? this.choice(t("Follows the asset's point of this kind"), "kind", binding.kind ?? "", { "": t("nothing"), ...this.props.kinds })
      : this.text(t("Follows the point"), "point", binding.point ?? "", { list: "mimic-points" });
    this.fields.replaceChildren(follows, this.choice(t("How it is shown"), "show", show, this.props.shows));
    for (const [name, label] of NEEDS[show] ?? []) this.fields.append(this.text(label(), name, binding[name] ?? ""));
  }

  private label(words: string, control: HTMLElement): HTMLElement {
    return element("label", { class: "form-label d-block mt-3" }, words, control);
  }

  private text(words: string, name: string, value: string, more: Record<string, string> = {}): HTMLElement {
    const input = element("input", { class: "form-control", value, ...more });
    input.addEventListener("input", () => this.set(name, input.value.trim()));
    return this.label(words, input);
  }

  private choice(words: string, name: string, value: string, offered: Record<string, string>): HTMLElement {
    const select = element("select", { class: "form-select" });
    for (const [code, label] of Object.entries(offered)) select.append(element("option", { value: code }, label));
    select.value = value;
    select.addEventListener("change", () => {
      this.set(name, select.value);
      if (name === "show") this.ask(this.bindingOf());
    });
    return this.label(words, select);
  }

  private set(name: string, value: string): void {
    const binding = { show: "value", ...this.bindingOf(), [name]: value };
    this.changed.set(this.part, binding);
    const sent = [...this.changed].map(([part, one]) => [part, one.point || one.kind ? one : {}] as const);
    if (this.field) this.field.value = JSON.stringify(Object.fromEntries(sent));
  }
}

export function start(el: HTMLElement, given: unknown): void {
  new Editor(el, given as Props);
}
