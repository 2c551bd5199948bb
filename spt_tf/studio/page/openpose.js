// OpenPose's JSON, as pose editors write it; what comes in is read by the server.

import { isHidden } from "./pose.js";

/** {"people": [{"pose_keypoints_2d": [x, y, confidence, ...]}]}, hidden joints as 0, 0, 0. */
export function writeOpenPose(pose, [height, width]) {
  const numbers = pose.flatMap((point) => (isHidden(point) ? [0, 0, 0] : [point[1], point[0], 1]));
  return { version: 1.3, canvas_height: height, canvas_width: width, people: [{ pose_keypoints_2d: numbers }] };
}
