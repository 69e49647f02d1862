/**
 * The desk of an agent: shows the call that rings, and lets keys make a case of it.
 *
 *     {% island "hotline/desk" props %}
 *
 * Letters find a topic, Enter takes the first, Enter saves; F2 folds the call with others.
 */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import { type LiveItem, subscribe } from "@ui/live";
import { toast } from "@ui/toast";
import "./lib/desk.css";
import { type Topic, matching } from "./lib/topics";

interface Props {
  agent: number;
  popUrl: string;
  topics: Topic[];
  states: Record<string, string>;
}

interface CallItem extends LiveItem {
  call: number;
  state: string;
}

const REST_MS = 150;

/** Fetch a part of the page; nothing where it is refused or cannot be reached. */
async function part(url: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: signal ?? null });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

/** Our own server's HTML as nodes, without running anything in it. */
function nodes(html: string): Node[] {
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
}

/** Fill `place` with what the server says of the words in `input`, the latest words only. */
function whileTyping(input: HTMLInputElement, url: string, place: Element): void {
  let waiting: number | undefined;
  let asked: AbortController | undefined;
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(async () => {
      asked?.abort();
      asked = new AbortController();
      const html = await part(`${url}&q=${encodeURIComponent(input.value)}`, asked.signal);
      if (html !== undefined) place.replaceChildren(...nodes(html));
    }, REST_MS);
  });
  // Enter here must not save the call.
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}

class Desk {
  private readonly place: HTMLElement;

  constructor(private readonly props: Props, place: HTMLElement) {
    this.place = place;
    this.wire();
  }

  private get shown(): HTMLElement | null {
    return this.place.querySelector<HTMLElement>("[data-hl-call]");
  }

  /** React to what the telephone system told. */
  async hear(items: readonly CallItem[]): Promise<void> {
    const item = items.at(-1);
    if (!item) return;
    const shown = this.shown;
    if (shown && Number(shown.dataset.hlCall) === item.call) {
      const state = shown.querySelector("[data-hl-state]");
      if (state) state.textContent = this.props.states[item.state] ?? "";
      const save = shown.querySelector<HTMLButtonElement>("[data-hl-save]");
      if (save && item.state !== "ringing") save.disabled = false;
      return;
    }
    if (shown && this.isWritten(shown)) {
      toast(t("Another call rings. Save this one to see it."), "info");
      return;
    }
    const html = await part(this.props.popUrl);
    if (html === undefined) return;
    this.place.replaceChildren(...nodes(html));
    this.wire();
  }

  /** Whether the agent has begun to note the call that is shown. */
  private isWritten(shown: HTMLElement): boolean {
    const note = shown.querySelector<HTMLTextAreaElement>("[name=note]");
    const topic = shown.querySelector<HTMLSelectElement>("[name=topic]");
    return Boolean(note && note.value !== note.defaultValue) || Boolean(topic?.value);
  }

  private wire(): void {
    const form = this.place.querySelector<HTMLFormElement>("[data-hl-wrap]");
    for (const [name, into] of [["find", "found"], ["know", "answers"]] as const) {
      const input = this.place.querySelector<HTMLInputElement>(`[data-hl-${name}]`);
      const target = this.place.querySelector(`[data-hl-${into}]`);
      const url = input?.getAttribute(`data-hl-${name}`);
      if (input && target && url) whileTyping(input, url, target);
    }
    if (form) this.picker(form);
  }

  private picker(form: HTMLFormElement): void {
    const select = form.querySelector<HTMLSelectElement>("[data-hl-topics]");
    const place = form.querySelector("[data-hl-picker]");
    const save = form.querySelector<HTMLButtonElement>("[data-hl-save]");
    if (!select || !place || !save) return;
    const name = this.props.topics.find((one) => one.code === select.value)?.name ?? "";
    const input = h("input", { class: "form-control", type: "text", id: "hl-letters", autocomplete: "off",
      role: "combobox", "aria-label": t("What is it about?"), placeholder: t("Letters or words, such as bg"), value: name });
    const list = h("ul", { class: "hl-picks", role: "listbox" });
    place.replaceChildren(input, list);
    select.hidden = true;
    let found: Topic[] = [];
    let at = 0;
    const draw = () => {
      list.replaceChildren(...found.map((one, place_) => {
        const line = h("li", { role: "option", "aria-selected": place_ === at ? "true" : "false" }, one.name, " ",
          h("small", {}, one.group));
        line.addEventListener("mousedown", (event) => { event.preventDefault(); take(one); });
        return line;
      }));
    };
    const take = (one: Topic) => {
      select.value = one.code;
      input.value = one.name;
      found = [];
      draw();
      save.focus();
      void this.guide(form, one.code);
    };
    input.addEventListener("input", () => {
      select.value = "";
      found = matching(this.props.topics, input.value).slice(0, 8);
      at = 0;
      draw();
    });
    input.addEventListener("keydown", (event) => {
      const first = found[at];
      if (event.key === "ArrowDown") at = Math.min(at + 1, found.length - 1);
      else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
      else if (event.key === "Enter" && first) take(first);
      else if (event.key === "Enter" && !select.value) { /* nothing chosen: never save by accident */ }
      else return;
      event.preventDefault();
      draw();
    });
    input.focus();
    form.addEventListener("keydown", (event) => {
      if (event.key !== "F2") return;
      event.preventDefault();
      const fold = form.querySelector<HTMLInputElement>("[name=fold_with]");
      if (!fold) return;
      fold.checked = true;
      form.requestSubmit(save);
    });
  }

  private async guide(form: HTMLFormElement, topic: string): Promise<void> {
    const place = form.querySelector("[data-hl-similar]");
    const value = (name: string) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
    const query = new URLSearchParams({ topic, lon: value("lon"), lat: value("lat"), estate: value("estate"), zone: value("zone"), account: value("account") });
    const html = await part(`${form.dataset.similar}?${query}`);
    if (place && html !== undefined) place.replaceChildren(...nodes(html));
  }
}

export function start(_el: HTMLElement, props: Props): (() => void) | void {
  const place = document.getElementById("hl-pop");
  if (!place) return;
  const desk = new Desk(props, place);
  return subscribe<CallItem>("hotline", [`agent:${props.agent}`], (items) => void desk.hear(items));
}
