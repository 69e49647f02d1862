/**
 * A zone's nights: dots against the shaded band they should lie in, the excess of leaking nights,
 * suspicions and repairs. Small on an overview with its data given, large with periods to choose.
 */
import { createChart } from "@ui/chart";
import { getJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { language } from "@ui/page";
import { EMPTY, option, type LeakMark, type Nights } from "./night-flow/option";

interface Small {
  small: true;
  data: Nights;
  leaks: LeakMark[];
}

interface Large {
  url: string;
  periods: { id: string; nights: number }[];
  period: string;
}

interface Answer {
  columns: Nights;
  leaks: LeakMark[];
}

const REFRESH_MS = 20_000;

function periodText(id: string): string {
  const words: Record<string, string> = { month: t("Month"), quarter: t("Quarter"), year: t("Year") };
  return words[id] ?? id;
}

function periodButtons(el: HTMLElement, props: Large, choose: (id: string) => void): void {
  const group = document.createElement("div");
  group.className = "btn-group btn-group-sm";
  group.style.alignSelf = "flex-start";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", t("Period"));
  for (const period of props.periods) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.dataset.period = period.id;
    button.textContent = periodText(period.id);
    button.addEventListener("click", () => choose(period.id));
    group.append(button);
  }
  el.append(group);
}

function startSmall(el: HTMLElement, props: Small): () => void {
  const how = { small: true, chinese: language() === "zh" };
  return createChart(el, (look) => option(props.data, props.leaks, look, how)).dispose;
}

function startLarge(el: HTMLElement, props: Large): () => void {
  el.style.display = "flex";
  el.style.flexDirection = "column";
  el.style.gap = "0.5rem";
  let period = props.period;
  let answer: Answer = { columns: EMPTY, leaks: [] };
  let drawn = "";
  const stopped = new AbortController();
  periodButtons(el, props, (id) => {
    period = id;
    void load(false);
  });
  const place = document.createElement("div");
  place.style.flex = "1 1 auto";
  place.style.minHeight = "0";
  el.append(place);
  const how = { small: false, chinese: language() === "zh" };
  const chart = createChart(place, (look) => option(answer.columns, answer.leaks, look, how));

  async function load(quiet: boolean): Promise<void> {
    for (const button of el.querySelectorAll<HTMLElement>("[data-period]")) {
      const chosen = button.dataset.period === period;
      button.classList.toggle("active", chosen);
      button.setAttribute("aria-pressed", String(chosen));
    }
    try {
      const found = await getJson<Answer>(`${props.url}?period=${period}`, { signal: stopped.signal, quiet });
      const text = JSON.stringify(found);
      if (text === drawn) return;
      drawn = text;
      answer = found;
      chart.refresh(false);
    } catch (error) {
      if (!stopped.signal.aborted && !quiet) console.error(error);
    }
  }

  void load(false);
  const timer = window.setInterval(() => {
    if (!document.hidden) void load(true);
  }, REFRESH_MS);
  return () => {
    window.clearInterval(timer);
    stopped.abort();
    chart.dispose();
  };
}

export function start(el: HTMLElement, props: unknown): () => void {
  const given = props as Small | Large;
  return "small" in given ? startSmall(el, given) : startLarge(el, given);
}
