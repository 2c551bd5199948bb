"""From a bare photo to a person: keypoints and parsing, found by a network of our own or read from files."""
