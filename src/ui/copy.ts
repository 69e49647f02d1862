/** Buttons that copy what stands beside them: `<button type="button" data-copy="text">`. */
import { t } from "./i18n";
import { toast } from "./toast";

/** Without TLS a browser closes the clipboard to pages of other machines: then by selection. */
function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  field.remove();
  return done;
}

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element | null)?.closest<HTMLElement>("[data-copy]");
    if (!button) return;
    void copy(button.dataset.copy ?? "").then((done) => {
      if (done) toast(t("Copied."), "success");
      else toast(t("It could not be copied. Select it and copy it by hand."), "warning");
      button.focus();
    });
  });
}
