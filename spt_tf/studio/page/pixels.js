// Pixels and labels on canvases, at their own size: the style sheet enlarges them.

export function showImage(canvas, rgb, [height, width]) {
  const picture = new ImageData(width, height);
  for (let from = 0, to = 0; to < picture.data.length; from += 3, to += 4) {
    picture.data[to] = rgb[from];
    picture.data[to + 1] = rgb[from + 1];
    picture.data[to + 2] = rgb[from + 2];
    picture.data[to + 3] = 255;
  }
  put(canvas, picture);
}

/** only: labels to show, the rest transparent; all by default. */
export function showLabels(canvas, labels, [height, width], colours, only = null) {
  const picture = new ImageData(width, height);
  labels.forEach((label, index) => {
    picture.data.set([...colours[label], only === null || only.has(label) ? 255 : 0], 4 * index);
  });
  put(canvas, picture);
}

export function clear(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

/** The canvas's own pixels as a PNG file. */
export const pngOf = (canvas) => new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });

function put(canvas, picture) {
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}
