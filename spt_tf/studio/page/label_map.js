// Label maps as bytes in row order: every pixel is one label, never a colour. Nothing here touches the page.
// A painter is {labels, canvas: [height, width], locked: Set of labels whose pixels stay as they are}.

/** The pixels of a round brush `size` across, as offsets from its centre. */
export function brushShape(size) {
  const offsets = [];
  const reach = Math.floor(size / 2);
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) {
      if (dy * dy + dx * dx <= (size * size) / 4) offsets.push([dy, dx]);
    }
  }
  return offsets;
}

/** Paints a stroke from one pixel to another, both [row, column]; returns new labels. */
export function stroke({ labels, canvas, locked }, from, to, size, label) {
  const painted = labels.slice();
  const shape = brushShape(size);
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
  for (let step = 0; step <= steps; step += 1) {
    const share = steps === 0 ? 0 : step / steps;
    const row = Math.round(from[0] + share * (to[0] - from[0]));
    const column = Math.round(from[1] + share * (to[1] - from[1]));
    for (const [dy, dx] of shape) {
      const [y, x] = [row + dy, column + dx];
      if (y < 0 || x < 0 || y >= canvas[0] || x >= canvas[1]) continue;
      const at = y * canvas[1] + x;
      if (!locked.has(painted[at])) painted[at] = label;
    }
  }
  return painted;
}

/** Gives the connected patch of one label at [row, column] another one; returns new labels. */
export function floodFill({ labels, canvas, locked }, [row, column], label) {
  const [height, width] = canvas;
  const painted = labels.slice();
  const old = labels[row * width + column];
  if (old === label || locked.has(old)) return painted;
  const open = [row * width + column];
  painted[open[0]] = label;
  while (open.length > 0) {
    const at = open.pop();
    const [y, x] = [Math.floor(at / width), at % width];
    const beside = [y > 0 && at - width, y < height - 1 && at + width, x > 0 && at - 1, x < width - 1 && at + 1];
    for (const next of beside) {
      if (next !== false && painted[next] === old) {
        painted[next] = label;
        open.push(next);
      }
    }
  }
  return painted;
}

export const sameLabels = (a, b) => a.length === b.length && a.every((label, index) => label === b[index]);
