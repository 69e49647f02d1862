/** The editor's panel: which draft, which tool, what it asks, and what the draft holds. */
import { h } from "@ui/dom";
import { number } from "@ui/format";
import { t } from "@ui/i18n";
import type { ChangeSet, Deed } from "./draft";

export interface AttributeGiven {
  code: string;
  label: string;
  unit: string;
  type: "text" | "number" | "integer" | "date" | "choice" | "flag";
  choices: [string, string][] | null;
}

export interface EditorGiven {
  changes_url: string;
  attributes: Record<string, AttributeGiven[]>;
}

export type Tool = "attributes" | "pipe" | "move" | "split" | "join" | "retire" | `node:${string}` | `device:${string}`;

export interface Wishes {
  begin(title: string, why: string): void;
  tool(tool: Tool): void;
  typed(text: string): void;
  undo(): void;
  redo(): void;
  submit(): void;
  discard(): void;
  close(): void;
}

const HINTS = (): Record<string, string> => ({
  attributes: t("Click an asset to see and change what is known of it."),
  pipe: t("Click where the pipe begins. On a node it joins, on a pipe it cuts."),
  move: t("Click a node or a course, then where it shall be."),
  split: t("Click the pipe where it shall be cut."),
  join: t("Click the junction between two pipes that shall become one."),
  retire: t("Click what is taken out of use."),
  node: t("Click where it stands."),
  device: t("Click the pipe where it is built in."),
});

const DEEDS = (): Record<Deed, string> => ({
  create: t("new"), modify: t("changed"), move: t("moved"), split: t("cut"), join: t("joined"), retire: t("taken out of use"),
});

export class EditPanel {
  readonly el = h("section", { class: "nw-edit", "aria-label": t("Draw changes") });
  readonly typedBox = h("input", { class: "form-control form-control-sm", placeholder: t("Length, or length<bearing"), "aria-label": t("Typed length in metres, bearing after <"), autocomplete: "off" });
  readonly ask = h("div", { class: "nw-edit-ask" });
  private readonly hint = h("p", { class: "nw-edit-hint", role: "status" });
  private readonly tools = h("div", { class: "nw-edit-tools", role: "radiogroup", "aria-label": t("Tool") });
  private readonly steps = h("ol", { class: "nw-edit-steps" });
  private readonly body = h("div", {});

  constructor(private readonly kinds: Record<string, string>, private readonly wishes: Wishes) {
    this.typedBox.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      wishes.typed(this.typedBox.value);
      this.typedBox.value = "";
    });
    const close = h("button", { type: "button", class: "btn-close", "aria-label": t("Close"), click: () => wishes.close() });
    this.el.append(h("header", {}, h("b", {}, t("Draw changes")), close), this.body);
  }

  /** Ask for a title, or offer drafts that wait. */
  showStart(drafts: ChangeSet[], open: (id: number) => void): void {
    const title = h("input", { class: "form-control form-control-sm", maxlength: 200, placeholder: t("For example: renewal of Station Road"), "aria-label": t("Title of the set of changes") });
    const why = h("input", { class: "form-control form-control-sm", maxlength: 1000, placeholder: t("For example: as built, drawing 2026-014") });
    const begin = () => title.value.trim() && this.wishes.begin(title.value.trim(), why.value.trim());
    for (const box of [title, why]) box.addEventListener("keydown", (event) => event.key === "Enter" && begin());
    this.body.replaceChildren(
      h("p", {}, t("Changes are gathered in a set. Nothing counts before another person has approved it.")),
      h("label", { class: "form-label" }, t("What is it about?"), title),
      h("label", { class: "form-label" }, t("Why?"), why),
      h("button", { type: "button", class: "btn btn-primary btn-sm", click: begin }, t("Begin")),
      ...(drafts.length ? [h("p", { class: "mt-3 mb-1" }, t("Or go on with a draft:"))] : []),
      h("ul", { class: "nw-edit-drafts" }, ...drafts.map((one) => h("li", {}, h("button", { type: "button", class: "btn btn-sm", click: () => open(one.id) }, one.title)))),
    );
    title.focus();
  }

  showTools(): void {
    const offered: [Tool, string][] = [
      ["attributes", t("Attributes")], ["pipe", t("Pipe")],
      ...["junction", "hydrant", "tank", "reservoir"].map((kind): [Tool, string] => [`node:${kind}`, this.kinds[kind] ?? kind]),
      ...["valve", "pump"].map((kind): [Tool, string] => [`device:${kind}`, this.kinds[kind] ?? kind]),
      ["move", t("Move")], ["split", t("Cut")], ["join", t("Join")], ["retire", t("Take out of use")],
    ];
    this.tools.replaceChildren(...offered.map(([tool, label]) =>
      h("button", { type: "button", role: "radio", class: "btn btn-sm", "data-tool": tool, "aria-checked": "false", click: () => this.wishes.tool(tool) }, label)));
    const button = (label: string, act: () => void, css = "") => h("button", { type: "button", class: `btn btn-sm ${css}`, click: act }, label);
    this.body.replaceChildren(
      this.tools, this.hint, this.typedBox, this.ask,
      h("div", { class: "nw-edit-row" }, button(t("Undo"), () => this.wishes.undo()), button(t("Redo"), () => this.wishes.redo())),
      this.steps,
      h("div", { class: "nw-edit-row" }, button(t("Hand in for approval"), () => this.wishes.submit(), "btn-primary"), button(t("Discard"), () => this.wishes.discard(), "btn-outline-danger")),
    );
  }

  choose(tool: Tool): void {
    for (const one of this.tools.querySelectorAll<HTMLElement>("[data-tool]")) {
      const on = one.dataset.tool === tool;
      one.classList.toggle("active", on);
      one.setAttribute("aria-checked", String(on));
    }
    this.ask.replaceChildren();
    this.rest(tool);
  }

  /** Say what the tool waits for; what was filled in for it stays. */
  rest(tool: Tool): void {
    this.say(HINTS()[tool.split(":")[0] as string] ?? "");
    this.typedBox.hidden = true;
  }

  say(text: string): void {
    this.hint.textContent = text;
  }

  /** Show how long the running line is; a length can be typed only while there is one. */
  running(metres: number, next_m: number): void {
    this.typedBox.hidden = false;
    this.say(t("{length} m so far, {next} m to the pointer. Type a length and Enter, Enter alone ends, Esc gives up.", { length: number(metres, 1), next: number(next_m, 1) }));
  }


  showSteps(change: ChangeSet): void {
    const problems = new Map(change.problems.map((one) => [one.position, one]));
    const words = DEEDS();
    this.steps.replaceChildren(...change.steps.map((step) => {
      const problem = problems.get(step.position);
      const warnings = change.warnings.filter((one) => one.position === step.position && !step.is_undone);
      return h("li", { class: step.is_undone ? "nw-undone" : problem ? "nw-wrong" : warnings.length ? "nw-warned" : null },
        `${step.asset_code} ${words[step.deed] ?? ""}`, problem ? h("small", {}, `${problem.words} ${problem.value}`) : null,
        ...warnings.map((one) => h("small", { class: "nw-warning" }, one.asset === step.asset_code ? one.words : `${one.asset}: ${one.words}`)));
    }));
    this.steps.lastElementChild?.scrollIntoView({ block: "nearest" });
  }
}

/** What a box says as the server wants it; an empty one means not known. */
export function valueOf(type: AttributeGiven["type"], text: string): unknown {
  if (text === "") return null;
  if (type === "flag") return text === "true";
  const isNumber = (type === "number" || type === "integer") && Number.isFinite(Number(text));
  return isNumber ? Number(text) : text;
}

/** A small form of attributes; `done` gets those that were filled or changed. */
export function attributeForm(given: readonly AttributeGiven[], values: Record<string, unknown>, done: ((changed: Record<string, unknown>) => void) | null): { el: HTMLElement; read: () => Record<string, unknown> } {
  const boxes = given.map((one) => {
    const value = values[one.code];
    const text = value === null || value === undefined ? "" : String(value);
    const offered = one.type === "flag" ? ([["true", t("Yes")], ["false", t("No")]] as [string, string][]) : one.choices;
    const control = offered
      ? h("select", { class: "form-select form-select-sm" }, h("option", { value: "" }, "–"), ...offered.map(([code, label]) => h("option", { value: code }, label)))
      : h("input", { class: "form-control form-control-sm", type: one.type === "date" ? "date" : "text", inputmode: one.type === "number" || one.type === "integer" ? "decimal" : null });
    control.value = text;
    return { one, control, text };
  });
  const read = () => {
    const found: Record<string, unknown> = {};
    for (const { one, control, text } of boxes) {
      const now = control.value.trim();
      if (now === text) continue;
      found[one.code] = valueOf(one.type, now);
    }
    return found;
  };
  const rows = boxes.map(({ one, control }) => h("label", { class: "form-label" }, one.unit ? `${one.label} [${one.unit}]` : one.label, control));
  const save = done && h("button", { type: "button", class: "btn btn-sm btn-primary", click: () => done(read()) }, t("Take over"));
  return { el: h("div", { class: "nw-edit-form" }, ...rows, save), read };
}
