/** Reading a code by the camera, where the phone's browser can: one picture is taken and looked through. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";

interface Detector {
  detect(picture: ImageBitmap): Promise<{ rawValue: string }[]>;
}

const known = globalThis as unknown as { BarcodeDetector?: new () => Detector };

export function canScan(): boolean {
  return known.BarcodeDetector !== undefined;
}

/** A button that opens the camera and gives the first code on the picture. */
export function scanned(words: string, take: (code: string) => void): HTMLElement {
  const said = h("span", {}, words);
  const camera = h("input", { type: "file", accept: "image/*", capture: "environment", hidden: true, "data-scan": true });
  camera.addEventListener("change", () => {
    const file = camera.files?.[0];
    if (file && known.BarcodeDetector) {
      void read(file, new known.BarcodeDetector()).then((code) => {
        said.textContent = code ? words : t("No code was seen; hold it flat and closer.");
        if (code) take(code);
      });
    }
    camera.value = "";
  });
  return h("label", { class: "btn ph-big" }, said, camera);
}

async function read(file: File, detector: Detector): Promise<string> {
  try {
    const picture = await createImageBitmap(file);
    const found = await detector.detect(picture);
    picture.close();
    return found[0]?.rawValue.trim() ?? "";
  } catch (error) {
    console.warn(error);
    return "";
  }
}
