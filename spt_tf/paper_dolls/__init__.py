"""The procedural data set that ships instead of photos: clothed figures of known pose and parsing."""
