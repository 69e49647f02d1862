/** The demo's clock in the top bar: ticks between looks at the server, and changes its speed. */
import { getJson } from "./fetch";
import { moment } from "./format";
import { t } from "./i18n";
import { csrfToken } from "./page";
import { toast } from "./toast";

interface State {
  shown_at: string;
  speed: number;
  /** The speed once the clock has arrived where it is running to. */
  settled_speed: number;
}

const LOOK_MS = 10_000;
/** While it runs to a moment, so that it is seen to arrive there. */
const LOOK_RUNNING_MS = 500;
const TICK_MS = 250;

/** Where shown time is, given where it was and how fast it runs. */
export function shownAt(state: State, since_ms: number): number {
  return Date.parse(state.shown_at) + since_ms * state.speed;
}

export function startClock(): void {
  const form = document.querySelector<HTMLFormElement>("[data-demo-clock]");
  const time = form?.querySelector<HTMLTimeElement>("[data-demo-time]");
  if (!form || !time) return;
  const select = form.querySelector<HTMLSelectElement>("[data-demo-speed]");
  const speed = Number(form.dataset.speed);
  let state: State = { shown_at: form.dataset.shownAt ?? "", speed, settled_speed: select ? Number(select.value) : speed };
  let seen = performance.now();

  const tick = () => {
    const at = shownAt(state, performance.now() - seen);
    const text = moment(at);
    if (time.textContent !== text) {
      time.textContent = text;
      time.dateTime = new Date(at).toISOString();
    }
  };
  const take = (next: State) => {
    state = next;
    seen = performance.now();
    form.dataset.speed = String(next.speed);
    if (select && document.activeElement !== select) select.value = String(next.settled_speed);
    tick();
  };
  const look = async () => {
    if (document.hidden) return;
    await getJson<State>(form.action, { quiet: true }).then(take, () => undefined);
  };
  const set = async (speed: string) => {
    const body = new URLSearchParams({ speed });
    const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
    const answer = await fetch(form.action, { method: "POST", body, headers });
    if (answer.ok) take((await answer.json()) as State);
    else toast(t("The speed could not be changed."), "error");
  };
  select?.addEventListener("change", () => void set(select.value));
  window.setInterval(tick, TICK_MS);
  const lookAgain = (): void => {
    const pause = state.speed === state.settled_speed ? LOOK_MS : LOOK_RUNNING_MS;
    window.setTimeout(() => void look().finally(lookAgain), pause);
  };
  tick();
  // Only who is signed in may ask the server; on a public page the clock ticks by itself.
  if (form.dataset.followed === undefined) return;
  lookAgain();
  document.addEventListener("visibilitychange", () => void look());
}
