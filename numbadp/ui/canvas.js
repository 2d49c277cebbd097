// The picture with its boxes.  The page's buttons find what is drawn in window.numbadp.
const input = element.querySelector("input");
const drop = element.querySelector(".np-drop");
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d");
const here = { file: "", boxes: [], picture: null, width: 0, height: 0, from: null, to: null };
const press = (id) => document.querySelector("#" + id + " button, button#" + id).click();

function paint() {
  if (!here.picture) return;
  pen.drawImage(here.picture, 0, 0, canvas.width, canvas.height);
  const scale = canvas.width / here.width;
  const all = here.from && here.to ? [...here.boxes, boxOf(here.from, here.to)] : here.boxes;
  const line = Math.max(2, canvas.width / 300);
  for (const [left, top, right, bottom] of all) {
    const at = [left * scale, top * scale, (right - left) * scale, (bottom - top) * scale];
    for (const [style, width] of [["#000", 2 * line], ["#fff", line]]) {
      pen.strokeStyle = style;
      pen.lineWidth = width;
      pen.strokeRect(...at);
    }
  }
}

function boxOf(a, b) {
  const [left, right] = [a[0], b[0]].sort((x, y) => x - y);
  const [top, bottom] = [a[1], b[1]].sort((x, y) => x - y);
  return [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
}

function place(event) {
  const frame = canvas.getBoundingClientRect();
  const x = ((event.clientX - frame.left) / frame.width) * here.width;
  const y = ((event.clientY - frame.top) / frame.height) * here.height;
  return [Math.min(Math.max(x, 0), here.width), Math.min(Math.max(y, 0), here.height)];
}

function setBoxes(boxes) {
  here.boxes = boxes;
  paint();
  press("np-boxes-changed");
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  here.from = place(event);
});
canvas.addEventListener("pointermove", (event) => {
  if (!here.from) return;
  here.to = place(event);
  paint();
});
canvas.addEventListener("pointerup", () => {
  const box = here.from && here.to ? boxOf(here.from, here.to) : null;
  here.from = here.to = null;
  if (box && box[2] - box[0] > 3 && box[3] - box[1] > 3) setBoxes([...here.boxes, box]);
  else paint();
});

function take(file) {
  if (!file) return;
  const reader = new FileReader();
  reader.onload = () => {
    here.file = reader.result;
    press("np-open");
  };
  reader.readAsDataURL(file);
}
input.addEventListener("change", () => take(input.files[0]));
for (const name of ["dragover", "drop"])
  drop.addEventListener(name, (event) => event.preventDefault());
drop.addEventListener("drop", (event) => take(event.dataTransfer.files[0]));

window.numbadp = {
  file: () => here.file,
  boxes: () => JSON.stringify(here.boxes),
  clear: () => setBoxes([]),
  found: (text) => text && setBoxes([...here.boxes, ...JSON.parse(text)]),
  // What the server decoded is what is drawn: upright, in sRGB, on white.
  show: (text) => {
    here.file = "";
    if (!text) return;
    const { url, width, height } = JSON.parse(text);
    const picture = new Image();
    picture.onload = () => {
      Object.assign(here, { picture, width, height, boxes: [] });
      canvas.width = picture.naturalWidth;
      canvas.height = picture.naturalHeight;
      drop.classList.add("np-full");
      paint();
    };
    picture.src = url;
  },
};
