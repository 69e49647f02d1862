/** What stands around the chart on the page of trends: keeping a view, and printing. */
import { moment } from "@ui/format";

/** Let the page's forms and buttons know what is looked at; `query` writes it as an address. */
export function printPage(query: () => string): void {
  const form = document.querySelector<HTMLFormElement>("[data-trend-save]");
  form?.addEventListener("submit", () => {
    const field = form.querySelector<HTMLInputElement>("[name=query]");
    if (field) field.value = query();
  });
  document.querySelector("[data-trend-print]")?.addEventListener("click", () => {
    const at = document.querySelector("[data-trend-printed-at]");
    if (at) at.textContent = moment(Date.now());
    window.print();
  });
}
