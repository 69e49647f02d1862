/** A signature with a finger. */
import { h } from "@ui/dom";
import { t } from "@ui/i18n";

const WIDTH_PX = 900;
const HEIGHT_PX = 400;

export interface Pad {
  el: HTMLElement;
  canvas: HTMLCanvasElement;
  is_empty: () => boolean;
}

export function signaturePad(): Pad {
  const canvas = h("canvas", { class: "ph-pad", width: WIDTH_PX, height: HEIGHT_PX, role: "img", "aria-label": t("Sign here with a finger") });
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  let strokes = 0;
  let down = false;
  const clear = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, WIDTH_PX, HEIGHT_PX);
    strokes = 0;
  };
  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / (box.width || 1)) * WIDTH_PX, ((event.clientY - box.top) / (box.height || 1)) * HEIGHT_PX];
  };
  clear();
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    down = true;
    strokes += 1;
    pen.strokeStyle = "#101820";
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    const [x, y] = at(event);
    pen.moveTo(x, y);
    pen.lineTo(x + 0.1, y);
    pen.stroke();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  for (const name of ["pointerup", "pointercancel"] as const) canvas.addEventListener(name, () => (down = false));
  const again = h("button", { type: "button", class: "btn ph-small", click: clear }, t("Sign again"));
  return { el: h("div", {}, canvas, again), canvas, is_empty: () => strokes === 0 };
}
